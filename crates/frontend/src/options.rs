//! Limits and times of the frontend.

use std::time::Duration;

/// Options of the frontend. What operators may change while it runs comes from [`model::settings::Settings`] instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Bytes of one request, unpacked, above which it is refused. Source: the limit of gRPC servers, which Temporal keeps.
    pub request_bytes: usize,
    /// Bytes of an answer from which it is compressed for callers that accept gzip: below, packing costs more than sending.
    pub compress_from: usize,
    /// Calls per second of all namespaces together (`frontend.rps`).
    pub host_rps: f64,
    /// Calls per second of one namespace (`frontend.namespaceRPS`).
    pub namespace_rps: f64,
    /// Polls and other long calls of one namespace at once (`frontend.namespaceCount`).
    pub namespace_long_calls: usize,
    /// The shortest retention that a namespace may have. Temporal: 1 h.
    pub min_retention: Duration,
    /// The least that a poll's deadline must leave. Temporal: 2 s.
    pub min_poll: Duration,
    /// Rows of a page of a list where the caller names no size, and at most. Temporal: 1000.
    pub list_page: usize,
    /// Namespaces of a page of ListNamespaces. Temporal: 100.
    pub namespace_page: usize,
    /// How long a query may take whose caller names no deadline.
    pub query: Duration,
    /// Links of one request. Temporal: 10.
    pub links: usize,
    /// Bytes of one link. Temporal: 4000.
    pub link_bytes: usize,
}

impl Options {
    /// What a server runs with unless told otherwise.
    pub const STANDARD: Self = Self {
        request_bytes: 4 * 1024 * 1024,
        compress_from: 4 * 1024,
        host_rps: 200_000.0,
        namespace_rps: 100_000.0,
        namespace_long_calls: 20_000,
        min_retention: Duration::from_secs(3600),
        min_poll: Duration::from_secs(2),
        list_page: 1000,
        namespace_page: 100,
        query: Duration::from_secs(10),
        links: 10,
        link_bytes: 4000,
    };
}

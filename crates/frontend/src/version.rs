//! The versions that clients read.

/// What GetSystemInfo and GetClusterInfo report: the Temporal server whose behaviour this one follows, since SDKs and the UI
/// switch features by it. Source: the release that the behaviour in this room was compared with; the UI asks for 1.27.1 at least.
pub const SERVER_VERSION: &str = "1.32.0";

/// The clients that may call, as GetClusterInfo lists them. Source: Temporal's version checker.
pub(crate) const SUPPORTED_CLIENTS: [(&str, &str); 8] = [
    ("temporal-cli", "<2.0.0"),
    ("temporal-go", "<2.0.0"),
    ("temporal-java", "<2.0.0"),
    ("temporal-php", "<2.0.0"),
    ("temporal-python", "<2.0.0"),
    ("temporal-server", "<2.0.0"),
    ("temporal-typescript", "<2.0.0"),
    ("temporal-ui", "<3.0.0"),
];

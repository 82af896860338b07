//! Only `rpc` turns an error into a gRPC status, so that one kind of failure looks the same everywhere.

use crate::source;
use crate::tree::{SourceFile, Tree};

const CONSTRUCTORS: &[&str] = &[
    "new",
    "with_details",
    "from_error",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// Clients read statuses and make none that a user sees.
const EXEMPT: &[&str] = &["crates/rpc/", "crates/cli/", "crates/testkit/"];

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/")) {
        if EXEMPT.iter().any(|room| file.path.starts_with(room)) {
            continue;
        }
        let code = file.product_code();
        if !code.contains("tonic") {
            continue;
        }
        for name in CONSTRUCTORS {
            for line in source::lines_with(&code, &format!("Status::{name}(")) {
                offences.push(format!("{}:{line} builds a gRPC status: return an error and let rpc map it", file.path));
            }
        }
    }
    offences
}

#[test]
fn only_rpc_builds_statuses() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_status_elsewhere_is_caught() {
    let code = "use tonic::Status;\nfn a() -> Status { Status::internal(x) }";
    assert_eq!(offences(&[SourceFile::new("crates/frontend/src/a.rs", code)]).len(), 1);
    assert_eq!(offences(&[SourceFile::new("crates/rpc/src/error.rs", code)]), Vec::<String>::new());
}

//! Whether what a request says makes sense: one file per noun, the words of the public API.
//!
//! Strings that become columns are refused with a NUL byte here, since not every database can store one.

pub(crate) mod duration;
pub(crate) mod execution;
pub(crate) mod failure;
pub(crate) mod link;
pub(crate) mod policy;
pub(crate) mod priority;
pub(crate) mod retry;
pub(crate) mod search_attributes;
pub(crate) mod size;
pub(crate) mod start;
pub(crate) mod task_queue;
pub(crate) mod text;

use rpc::Error;

/// The error of a request that is wrong.
pub(crate) fn wrong(text: impl Into<String>) -> Error {
    Error::InvalidArgument(text.into())
}

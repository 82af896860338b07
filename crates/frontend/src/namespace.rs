//! Namespaces: one file per RPC.

pub(crate) mod deprecate_namespace;
pub(crate) mod describe_namespace;
pub(crate) mod list_namespaces;
pub(crate) mod register_namespace;
mod retention;
pub(crate) mod update_namespace;
mod view;

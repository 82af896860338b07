//! The operators' service: one file per RPC. Custom search attributes belong to one namespace, in its stored record.

pub(crate) mod add_search_attributes;
pub(crate) mod list_search_attributes;
pub(crate) mod remove_search_attributes;

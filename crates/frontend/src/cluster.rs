//! What clients ask about the cluster as a whole: one file per RPC.

pub(crate) mod get_cluster_info;
pub(crate) mod get_search_attributes;
pub(crate) mod get_system_info;

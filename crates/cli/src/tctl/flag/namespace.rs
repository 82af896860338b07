//! Flags of `namespace`.

use super::{Flag, switch, text};

pub(crate) const DESCRIPTION: Flag = text(&["description", "desc"], "What it is for");
pub(crate) const OWNER_EMAIL: Flag = text(&["owner_email", "oe"], "Whom to write to about it");
pub(crate) const RETENTION: Flag =
    text(&["retention", "rd"], "How long closed workflows are kept, such as 72h; a bare number is days");
pub(crate) const ACTIVE_CLUSTER: Flag = text(&["active_cluster", "ac"], "The cluster where it is active");
pub(crate) const CLUSTERS: Flag = text(&["clusters", "cl"], "A cluster it lives in; more may follow as arguments");
pub(crate) const GLOBAL: Flag = text(&["global_namespace", "gd"], "true to replicate it to other clusters");
pub(crate) const DATA: Flag = text(&["namespace_data", "dmd"], "Words of your own about it, as k1:v1,k2:v2");
pub(crate) const HISTORY_STATE: Flag = text(&["history_archival_state", "has"], "enabled or disabled");
pub(crate) const HISTORY_URI: Flag = text(&["history_uri", "huri"], "Where histories are archived");
pub(crate) const VISIBILITY_STATE: Flag = text(&["visibility_archival_state", "vas"], "enabled or disabled");
pub(crate) const VISIBILITY_URI: Flag = text(&["visibility_uri", "vuri"], "Where lists are archived");
pub(crate) const PROMOTE: Flag = switch(&["promote_namespace", "pn"], "Make a local namespace global; nothing else changes");
pub(crate) const ADD_BAD_BINARY: Flag = text(&["add_bad_binary"], "Checksum of a binary to reset from");
pub(crate) const REMOVE_BAD_BINARY: Flag = text(&["remove_bad_binary"], "Checksum to forget");
pub(crate) const BAD_REASON: Flag = text(&["reason"], "Why the binary is bad");
pub(crate) const NAMESPACE_ID: Flag = text(&["namespace_id"], "Its id, instead of --namespace");

/// `register`.
pub(crate) const REGISTER: &[Flag] = &[
    DESCRIPTION,
    OWNER_EMAIL,
    RETENTION,
    ACTIVE_CLUSTER,
    CLUSTERS,
    GLOBAL,
    DATA,
    HISTORY_STATE,
    HISTORY_URI,
    VISIBILITY_STATE,
    VISIBILITY_URI,
];
/// `update`.
pub(crate) const UPDATE: &[Flag] = &[
    DESCRIPTION,
    OWNER_EMAIL,
    RETENTION,
    ACTIVE_CLUSTER,
    CLUSTERS,
    DATA,
    HISTORY_STATE,
    HISTORY_URI,
    VISIBILITY_STATE,
    VISIBILITY_URI,
    PROMOTE,
    ADD_BAD_BINARY,
    REMOVE_BAD_BINARY,
    BAD_REASON,
];

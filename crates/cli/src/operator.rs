//! The areas of `operator`.

pub(crate) mod cluster;
pub(crate) mod namespace;
pub(crate) mod search_attribute;

use crate::args::operator::OperatorArea;
use crate::session::Session;

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, area: OperatorArea) -> anyhow::Result<()> {
    match area {
        OperatorArea::Namespace(verb) => namespace::perform(session, verb).await,
        OperatorArea::SearchAttribute(verb) => search_attribute::perform(session, verb).await,
        OperatorArea::Cluster(verb) => cluster::perform(session, verb).await,
    }
}

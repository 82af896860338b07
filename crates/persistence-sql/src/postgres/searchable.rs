//! Writing searchable rows by themselves, outside of a lane's batch.

use model::RunKey;
use model::visibility::VisibilityRow;
use persistence::Error;
use visibility::Deletion;

use super::Postgres;
use super::columns::{bind_keys, bind_shown, column};
use super::decode::Columns;
use crate::decode::run_key;

const SHOW: &str = "SELECT show_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
const HIDE: &str = "SELECT hide_1($1, $2, $3, $4)";
const VERSIONS: &str =
    "SELECT namespace, kind, workflow_id, run, version FROM visibility ORDER BY namespace, kind, workflow_id, run";

impl Postgres {
    /// Writes rows, unless something newer is known of their run. No run twice.
    pub(super) async fn show(&self, rows: &[&VisibilityRow]) -> Result<(), Error> {
        self.write(bind_shown(sqlx::query(SHOW), rows)).await.map(drop)
    }

    /// Removes rows that are not newer than their deletion, and leaves tombstones. No run twice.
    pub(super) async fn hide(&self, deletions: &[Deletion]) -> Result<(), Error> {
        let query = bind_keys(sqlx::query(HIDE), deletions.iter().map(|one| &one.run));
        let query = query.bind(column(deletions, |one| one.version)).bind(column(deletions, |one| one.at.as_nanos()));
        self.write(query).await.map(drop)
    }

    /// Which searchable rows there are, with their versions, by key.
    pub async fn searchable_versions(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        let rows = self.read(|| sqlx::query(VERSIONS)).await?;
        rows.iter().map(|row| Ok((run_key(row, 0)?, row.int(4)?))).collect()
    }
}

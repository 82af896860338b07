//! `aevum schema`: the tables of a database, set up and kept up to date.

use std::sync::Arc;

use anyhow::{Context, ensure};
use model::Clock;
use persistence_sql::postgres::schema::{self, State};

use crate::args::SchemaCommand;
use crate::clock::SystemClock;
use crate::database::named;

/// Does what the verb says, and tells how the tables stand.
///
/// # Errors
/// Where the database cannot be reached or changed, and by `status` where this version cannot use the tables.
pub(crate) async fn run(command: &SchemaCommand) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (SchemaCommand::Setup(args) | SchemaCommand::Update(args) | SchemaCommand::Status(args)) = command;
    let options = named(args)?.options(&clock);
    let place = options.place();
    let state = match command {
        SchemaCommand::Setup(_) => schema::setup(&options).await,
        SchemaCommand::Update(_) => schema::update(&options).await,
        SchemaCommand::Status(_) => schema::status(&options).await,
    };
    let state = state.with_context(|| place.clone())?;
    println!("{place}: {}", said(&state));
    ensure!(
        state.missing.is_empty(),
        "{} {} missing; run `aevum schema {}`",
        state.missing.join(", "),
        are(&state),
        remedy(&state)
    );
    state.usable()?;
    Ok(())
}

fn said(state: &State) -> String {
    format!("the tables have version {}, this version of aevum needs {}", state.version, state.needed)
}

fn are(state: &State) -> &'static str {
    if state.missing.len() == 1 { "is" } else { "are" }
}

fn remedy(state: &State) -> &'static str {
    if state.version == 0 { "setup" } else { "update" }
}

//! Runs the seven proofs against the server at `TEMPORAL_ADDRESS` and prints a
//! line for each. Ends with status 1 when one fails or the server does not
//! answer.

mod activities;
mod proofs;
mod workflows;

use std::{env, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use uuid::Uuid;

use crate::{
    activities::{Activities, Ledger},
    proofs::{NAMES, Stage},
};

/// How long one proof may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("the proofs could not run: {why:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool> {
    let address = env::var("TEMPORAL_ADDRESS")
        .context("TEMPORAL_ADDRESS is not set: say where the server is, for example 127.0.0.1:7233")?;
    let namespace = env::var("TEMPORAL_NAMESPACE").unwrap_or_else(|_| "default".to_owned());
    let runtime = Runtime::from_current_tokio(Default::default()).map_err(|why| anyhow::anyhow!("{why}"))?;
    let target = Url::parse(&format!("http://{address}")).context("TEMPORAL_ADDRESS is no address")?;
    let connection = Connection::connect(ConnectionOptions::new(target).identity(identity()).build())
        .await
        .with_context(|| format!("no server answers at {address}"))?;
    let client = Client::new(connection, ClientOptions::new(namespace).build())?;

    let queue = format!("rust-{}", Uuid::new_v4());
    let ledger = Ledger::default();
    let options = WorkerOptions::new(&queue)
        .register_activities(Activities { ledger: ledger.clone() })
        .register_workflow::<workflows::Retries>()?
        .register_workflow::<workflows::Approval>()?
        .register_workflow::<workflows::Timer>()?
        .register_workflow::<workflows::Child>()?
        .register_workflow::<workflows::Parent>()?
        .register_workflow::<workflows::Countdown>()?
        .register_workflow::<workflows::Cancellable>()?
        .build();
    let mut worker = Worker::new(&runtime, client.clone(), options).map_err(|why| anyhow::anyhow!("{why}"))?;
    let stop = worker.shutdown_handle();
    let stage = Stage { client, queue, ledger };
    let proofs = async {
        let passed = prove_all(&stage).await;
        stop();
        passed
    };
    let (passed, worked) = tokio::join!(proofs, worker.run());
    worked.map_err(|why| anyhow::anyhow!("the worker stopped: {why}"))?;
    Ok(passed)
}

fn identity() -> String {
    format!("{}@examples-rust", std::process::id())
}

async fn prove_all(stage: &Stage) -> bool {
    let mut failed = 0;
    for name in NAMES {
        match tokio::time::timeout(PATIENCE, stage.prove(name)).await {
            Ok(Ok(())) => println!("ok {name}"),
            Ok(Err(why)) => {
                failed += 1;
                println!("failed {name}: {why:#}");
            }
            Err(_) => {
                failed += 1;
                println!("failed {name}: no end within {} s", PATIENCE.as_secs());
            }
        }
    }
    println!("{} passed, {failed} failed", NAMES.len() - failed);
    failed == 0
}

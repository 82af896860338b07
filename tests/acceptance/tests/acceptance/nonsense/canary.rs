//! A small workflow whose history must be the same before and after: signal, activity with a retry, timer, result.

use std::sync::Arc;
use std::time::Duration;

use acceptance::client::{Client, json};
use acceptance::commands::{self, Progress};
use acceptance::histories;
use acceptance::worker::{Script, Worker};
use anyhow::{Context, ensure};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse};
use serde_json::{Value, json};

const QUEUE: &str = "canary";
const PATIENCE: Duration = Duration::from_secs(30);

struct Canary;

impl Script for Canary {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        let done = Progress::of(task);
        match done {
            Progress { scheduled: 0, .. } => vec![commands::activity("sing", "Sing", QUEUE, 3)],
            Progress { completed: 1, timers: 0, .. } => vec![commands::timer("breathe", 0.05)],
            Progress { fired: 1, .. } => vec![commands::complete(json(&json!("alive")))],
            _ => vec![],
        }
    }

    fn act(&self, task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        if task.attempt == 1 { Err("hoarse".to_owned()) } else { Ok(json(&json!("la"))) }
    }
}

/// Runs it; returns its history without what differs from run to run.
pub(super) async fn run(address: &str) -> anyhow::Result<Vec<Value>> {
    let client = Client::new(address)?;
    let run = client.start(client.start_request("canary", "Canary", QUEUE, Some(json(&json!("sing"))))).await?.run_id;
    client.signal(client.signal_request("canary", "listen", Some(json(&json!("now"))))).await?;
    // The worker comes after the signal, so that the order of events is always the same.
    let _worker = Worker::start(&client, QUEUE, Arc::new(Canary), 1);
    let status = client.wait_until_closed("canary", PATIENCE).await?;
    ensure!(status == WorkflowExecutionStatus::Completed, "the canary ended as {status:?}");
    let events = client.history("canary", &run).await?;
    histories::check_closed(&events)?;
    events.iter().map(without_ids_and_times).collect()
}

fn without_ids_and_times(event: &HistoryEvent) -> anyhow::Result<Value> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS)?;
    let descriptor = pool.get_message_by_name("temporal.api.history.v1.HistoryEvent").context("no history in the descriptors")?;
    let message = DynamicMessage::decode(descriptor, event.encode_to_vec().as_slice())?;
    let options = SerializeOptions::new().skip_default_fields(true);
    let mut value = message.serialize_with_options(serde_json::value::Serializer, &options)?;
    mask(&mut value);
    Ok(value)
}

/// Ids and times differ from run to run, and so do sizes, which count their bytes.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let differs = name.to_lowercase().ends_with("runid")
                    || name.ends_with("Time")
                    || matches!(name.as_str(), "requestId" | "taskId" | "historySizeBytes");
                if differs { *value = Value::from("*") } else { mask(value) }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask),
        _ => {}
    }
}

//! A workflow task meets a poller: it is handed out. No commit, unless something is to be logged anyway.

use proto::temporal::api::enums::v1::TaskQueueKind;

use super::workflow_task::{self, HandOut};
use crate::decision::{Answer, Decision};
use crate::input::StartWorkflowTask;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &StartWorkflowTask) -> Result<Decision, Rejection> {
    let run = input.run;
    let state = turn.run(run)?;
    if !state.is_open() {
        return Err(Rejection::closed());
    }
    if state.workflow_task_handout().is_some_and(|started| started.request_id == input.request_id) {
        return answer(turn, run);
    }
    let pending = state.state().workflow_task.as_ref();
    let Some(task) = pending.filter(|task| task.scheduled_event_id == input.scheduled_event_id) else {
        return Err(Rejection::no_workflow_task());
    };
    if task.attempt != input.attempt {
        return Err(Rejection::ObsoleteTask("workflow"));
    }
    if state.workflow_task_is_started() {
        return Err(Rejection::TaskAlreadyStarted("Workflow"));
    }
    let polled = input.poll.task_queue.clone().unwrap_or_default();
    let offered = task.task_queue.clone().unwrap_or_default();
    let sticky = offered.kind() == TaskQueueKind::Sticky && offered.name == polled.name;
    if polled.kind() == TaskQueueKind::Sticky && !sticky {
        return Err(Rejection::ObsoleteTask("workflow"));
    }
    let logged = task.spilled;
    workflow_task::normalise(&mut turn, run);
    #[expect(deprecated, reason = "unversioned workers name their build here")]
    let worker_version = input.poll.worker_version_capabilities.as_ref().map(|capabilities| {
        proto::temporal::api::common::v1::WorkerVersionStamp {
            build_id: capabilities.build_id.clone(),
            use_versioning: capabilities.use_versioning,
        }
    });
    let by =
        HandOut { request_id: input.request_id.clone(), identity: input.poll.identity.clone(), sticky, worker_version, logged };
    workflow_task::hand_out(&mut turn, run, by);
    answer(turn, run)
}

fn answer(turn: Turn<'_>, run: model::RunId) -> Result<Decision, Rejection> {
    let handout = workflow_task::handed_out(&turn, run).ok_or_else(Rejection::no_workflow_task)?;
    Ok(turn.done(Answer::WorkflowTask(Box::new(handout))))
}

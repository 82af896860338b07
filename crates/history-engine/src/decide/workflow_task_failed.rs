//! RespondWorkflowTaskFailed: the worker could not do it.

use prost::Message;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::failure::v1::Failure;

use super::terminate::{self, Why};
use super::workflow_task::{self, Failing};
use super::workflow_task_completed::matches_handout;
use crate::decision::{Answer, Decision};
use crate::failure;
use crate::input::FailWorkflowTask;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &FailWorkflowTask) -> Result<Decision, Rejection> {
    let run = input.task.run;
    let state = turn.run(run)?;
    if !state.is_open() {
        return Err(Rejection::closed());
    }
    matches_handout(state, &input.task)?;
    let request = &input.request;
    if request.cause() == Cause::GrpcMessageTooLarge {
        terminate::terminate(&mut turn, run, Why::ours("GrpcMessageTooLarge"));
        return Ok(turn.done(Answer::Done));
    }
    let limit = turn.env.limits.blob_error_bytes;
    #[expect(deprecated, reason = "old workers send it")]
    let binary_checksum = request.binary_checksum.clone();
    let failing = Failing {
        cause: request.cause(),
        failure: request.failure.as_ref().map(|of| within(of, limit)),
        identity: request.identity.clone(),
        binary_checksum,
    };
    workflow_task::fail_started(&mut turn, run, failing);
    workflow_task::schedule(&mut turn, run);
    Ok(turn.done(Answer::Done))
}

/// A failure that is too large is replaced; its beginning is kept as the cause.
fn within(of: &Failure, limit: usize) -> Failure {
    if of.encoded_len() <= limit { of.clone() } else { failure::too_large(of, limit, false) }
}

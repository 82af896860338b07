//! The verbs of `activity`: ending one from outside its worker, by id.

use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use proto::temporal::api::workflowservice::v1::{RespondActivityTaskCompletedByIdRequest, RespondActivityTaskFailedByIdRequest};

use crate::args::activity::{ActivityReference, ActivityVerb, CompleteArgs, FailArgs};
use crate::args::payload::one_json;
use crate::failure::{Answer as _, CallFailed};
use crate::render::style::Ink;
use crate::session::Session;

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, verb: ActivityVerb) -> anyhow::Result<()> {
    match verb {
        ActivityVerb::Complete(args) => complete(session, args).await,
        ActivityVerb::Fail(args) => fail(session, args).await,
    }
}

async fn complete(session: &mut Session<'_>, args: CompleteArgs) -> anyhow::Result<()> {
    let result = one_json("--result", &args.result)?;
    complete_one(session, args.activity, result).await?;
    session.screen.say(Ink::Plain, "Activity completed")
}

/// Completes an activity with a result.
pub(crate) async fn complete_one(session: &Session<'_>, activity: ActivityReference, result: Payloads) -> Result<(), CallFailed> {
    let doing = format!("complete activity {:?}", activity.activity_id);
    let request = RespondActivityTaskCompletedByIdRequest {
        namespace: session.namespace(),
        workflow_id: activity.workflow_id,
        run_id: activity.run_id,
        activity_id: activity.activity_id,
        result: Some(result),
        identity: session.identity(),
        ..RespondActivityTaskCompletedByIdRequest::default()
    };
    let answer = session.connection.workflows().respond_activity_task_completed_by_id(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

async fn fail(session: &mut Session<'_>, args: FailArgs) -> anyhow::Result<()> {
    let details = args.detail.as_deref().map(|detail| one_json("--detail", detail)).transpose()?;
    fail_one(session, args.activity, args.reason, details).await?;
    session.screen.say(Ink::Plain, "Activity failed")
}

/// Fails an activity for good.
pub(crate) async fn fail_one(
    session: &Session<'_>,
    activity: ActivityReference,
    message: String,
    details: Option<Payloads>,
) -> Result<(), CallFailed> {
    let doing = format!("fail activity {:?}", activity.activity_id);
    let info = ApplicationFailureInfo { non_retryable: true, details, ..ApplicationFailureInfo::default() };
    let failure = Failure {
        message,
        source: "CLI".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    };
    let request = RespondActivityTaskFailedByIdRequest {
        namespace: session.namespace(),
        workflow_id: activity.workflow_id,
        run_id: activity.run_id,
        activity_id: activity.activity_id,
        failure: Some(failure),
        identity: session.identity(),
        ..RespondActivityTaskFailedByIdRequest::default()
    };
    let answer = session.connection.workflows().respond_activity_task_failed_by_id(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

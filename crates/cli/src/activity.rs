//! The verbs of `activity`: ending one from outside its worker, by id.

use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use proto::temporal::api::workflowservice::v1::{RespondActivityTaskCompletedByIdRequest, RespondActivityTaskFailedByIdRequest};

use crate::args::activity::{ActivityVerb, CompleteArgs, FailArgs};
use crate::args::payload::one_json;
use crate::failure::Answer as _;
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
    let doing = format!("complete activity {:?}", args.activity.activity_id);
    let request = RespondActivityTaskCompletedByIdRequest {
        namespace: session.namespace(),
        workflow_id: args.activity.workflow_id,
        run_id: args.activity.run_id,
        activity_id: args.activity.activity_id,
        result: Some(one_json("--result", &args.result)?),
        identity: session.identity(),
        ..RespondActivityTaskCompletedByIdRequest::default()
    };
    let answer = session.connection.workflows().respond_activity_task_completed_by_id(session.connection.ask(request)).await;
    answer.or_cannot(doing)?;
    session.screen.say(Ink::Plain, "Activity completed")
}

async fn fail(session: &mut Session<'_>, args: FailArgs) -> anyhow::Result<()> {
    let doing = format!("fail activity {:?}", args.activity.activity_id);
    let info = ApplicationFailureInfo {
        non_retryable: true,
        details: args.detail.as_deref().map(|detail| one_json("--detail", detail)).transpose()?,
        ..ApplicationFailureInfo::default()
    };
    let failure = Failure {
        message: args.reason,
        source: "CLI".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    };
    let request = RespondActivityTaskFailedByIdRequest {
        namespace: session.namespace(),
        workflow_id: args.activity.workflow_id,
        run_id: args.activity.run_id,
        activity_id: args.activity.activity_id,
        failure: Some(failure),
        identity: session.identity(),
        ..RespondActivityTaskFailedByIdRequest::default()
    };
    let answer = session.connection.workflows().respond_activity_task_failed_by_id(session.connection.ask(request)).await;
    answer.or_cannot(doing)?;
    session.screen.say(Ink::Plain, "Activity failed")
}

//! Worker commands: what each must have, what it writes, and what rides on it.

use history_engine::Rejection;
use proto::temporal::api::command::v1::{self as wire, Command, command::Attributes as C};
use proto::temporal::api::common::v1::{Header, Memo, Payload, RetryPolicy, SearchAttributes, WorkflowType};
use proto::temporal::api::enums::v1::{CommandType as T, WorkflowExecutionStatus as Status, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::sdk::v1::{EventGroupMarker, UserMetadata};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use testkit::Script;
use testkit::commands::{
    application_failure, cancel, cancel_timer, command, complete, continue_as_new, fail, marker, payload, payloads,
    schedule_activity, seconds_of, signal_external, start_child, start_timer,
};

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// What the worker is told of a first task with this command: the failure's text, and the cause that history has.
fn refused(script: &mut Script, command: Command) -> (String, Cause) {
    let Err(Rejection::InvalidArgument(text)) = script.try_work(vec![command]) else { panic!("it is accepted") };
    let A::WorkflowTaskFailedEventAttributes(of) = script.event(4) else { panic!("event 4 fails the task") };
    (text, of.cause())
}

#[test]
fn a_command_without_its_attributes_fails_the_task_by_name() {
    let table = [
        (T::ScheduleActivityTask, Cause::BadScheduleActivityAttributes),
        (T::RequestCancelActivityTask, Cause::BadRequestCancelActivityAttributes),
        (T::StartTimer, Cause::BadStartTimerAttributes),
        (T::CancelTimer, Cause::BadCancelTimerAttributes),
        (T::RecordMarker, Cause::BadRecordMarkerAttributes),
        (T::CompleteWorkflowExecution, Cause::BadCompleteWorkflowExecutionAttributes),
        (T::FailWorkflowExecution, Cause::BadFailWorkflowExecutionAttributes),
        (T::CancelWorkflowExecution, Cause::BadCancelWorkflowExecutionAttributes),
        (T::ContinueAsNewWorkflowExecution, Cause::BadContinueAsNewAttributes),
        (T::StartChildWorkflowExecution, Cause::BadStartChildExecutionAttributes),
        (T::SignalExternalWorkflowExecution, Cause::BadSignalWorkflowExecutionAttributes),
        (T::RequestCancelExternalWorkflowExecution, Cause::BadRequestCancelExternalWorkflowExecutionAttributes),
        (T::UpsertWorkflowSearchAttributes, Cause::BadSearchAttributes),
        (T::ModifyWorkflowProperties, Cause::BadModifyWorkflowPropertiesAttributes),
    ];
    for (kind, cause) in table {
        let empty = Command { command_type: kind as i32, ..Command::default() };
        let (text, noted) = refused(&mut started(), empty);
        assert_eq!(noted, cause);
        assert!(text.contains("CommandAttributes is not set on "), "{text}");
        assert!(text.ends_with("Command."), "{text}");
    }
    let empty = Command { command_type: T::StartTimer as i32, ..Command::default() };
    let text = "BadStartTimerAttributes: StartTimerCommandAttributes is not set on StartTimerCommand.";
    assert_eq!(refused(&mut started(), empty).0, text);
}

#[test]
fn attributes_of_another_kind_are_none() {
    let hidden_end = Command { command_type: T::RecordMarker as i32, ..complete("hidden") };
    let text = "BadRecordMarkerAttributes: RecordMarkerCommandAttributes is not set on RecordMarkerCommand.";
    let mut script = started();
    assert_eq!(refused(&mut script, hidden_end), (text.to_owned(), Cause::BadRecordMarkerAttributes));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Running));
}

#[test]
fn a_command_that_is_not_built_says_so() {
    let of = wire::ScheduleNexusOperationCommandAttributes::default();
    let command = command(T::ScheduleNexusOperation, C::ScheduleNexusOperationCommandAttributes(of));
    let text = "FeatureDisabled: ScheduleNexusOperation is not supported by this server";
    assert_eq!(refused(&mut started(), command), (text.to_owned(), Cause::FeatureDisabled));
}

/// One command of each kind that a first task can carry, with the type of event that it writes.
fn each() -> Vec<Command> {
    let modify = wire::ModifyWorkflowPropertiesCommandAttributes {
        upserted_memo: Some(Memo { fields: [("note".to_owned(), payload("n"))].into_iter().collect() }),
    };
    vec![
        schedule_activity("a"),
        start_timer("t", 5),
        cancel_timer("t"),
        marker("m"),
        start_child("child"),
        signal_external("other"),
        command(
            T::RequestCancelExternalWorkflowExecution,
            C::RequestCancelExternalWorkflowExecutionCommandAttributes(
                wire::RequestCancelExternalWorkflowExecutionCommandAttributes {
                    workflow_id: "other".to_owned(),
                    ..Default::default()
                },
            ),
        ),
        upsert([("Customer", payload("c"))]),
        command(T::ModifyWorkflowProperties, C::ModifyWorkflowPropertiesCommandAttributes(modify)),
        command(
            T::RequestCancelActivityTask,
            C::RequestCancelActivityTaskCommandAttributes(wire::RequestCancelActivityTaskCommandAttributes {
                scheduled_event_id: 5,
            }),
        ),
    ]
}

fn upsert<const N: usize>(fields: [(&str, Payload); N]) -> Command {
    let indexed_fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let of =
        wire::UpsertWorkflowSearchAttributesCommandAttributes { search_attributes: Some(SearchAttributes { indexed_fields }) };
    command(T::UpsertWorkflowSearchAttributes, C::UpsertWorkflowSearchAttributesCommandAttributes(of))
}

/// Gives a command something to carry, other for each number.
fn tagged(command: Command, number: usize) -> Command {
    Command {
        user_metadata: Some(UserMetadata { summary: Some(payload(&number.to_string())), details: None }),
        event_group_markers: vec![EventGroupMarker::default(); number % 3 + 1],
        ..command
    }
}

#[test]
fn each_event_carries_what_its_command_carries() {
    for end in [complete("done"), fail("no"), cancel(), continue_as_new("next")] {
        let mut script = started();
        let run = script.run();
        let mut commands = each();
        // The cancelled activity ends after the commands; a workflow that ends has no use for that.
        commands.push(end);
        let commands: Vec<_> = commands.into_iter().enumerate().map(|(number, of)| tagged(of, number)).collect();
        script.work(commands.clone());
        let events = script.history(run).split_off(4);
        assert_eq!(events.len(), commands.len(), "{}", script.short_of(run));
        for (event, command) in events.iter().zip(&commands) {
            assert_eq!(event.user_metadata, command.user_metadata, "{:?}", event.event_type());
            assert_eq!(event.event_group_markers, command.event_group_markers);
        }
    }
}

#[test]
fn each_event_names_the_completion_that_brought_it() {
    let mut script = started();
    script.work(each());
    for event in script.history(script.run()).split_off(4) {
        let text = format!("{:?}", event.attributes);
        let cancelled = matches!(event.attributes, Some(A::ActivityTaskCanceledEventAttributes(_)));
        let next = matches!(event.attributes, Some(A::WorkflowTaskScheduledEventAttributes(_)));
        assert!(cancelled || next || text.contains("workflow_task_completed_event_id: 4"), "{text}");
    }
}

#[test]
fn a_marker_is_kept_whole() {
    let of = wire::RecordMarkerCommandAttributes {
        marker_name: "m".to_owned(),
        details: [("data".to_owned(), payloads("d"))].into_iter().collect(),
        header: Some(Header { fields: [("trace".to_owned(), payload("t"))].into_iter().collect() }),
        failure: Some(application_failure("local", false)),
    };
    let mut script = started();
    script.work(vec![command(T::RecordMarker, C::RecordMarkerCommandAttributes(of.clone()))]);
    let A::MarkerRecordedEventAttributes(event) = script.event(5) else { panic!("event 5 is the marker") };
    assert_eq!((event.marker_name, event.details), (of.marker_name, of.details));
    assert_eq!((event.header, event.failure), (of.header, of.failure));
}

#[test]
fn the_end_is_written_as_the_worker_said_it() {
    let mut script = started();
    script.work(vec![complete("done")]);
    let A::WorkflowExecutionCompletedEventAttributes(of) = script.event(5) else { panic!("event 5 completes") };
    assert_eq!((of.result, of.new_execution_run_id.as_str()), (Some(payloads("done")), ""));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Completed));

    let mut script = started();
    let of = wire::CancelWorkflowExecutionCommandAttributes { details: Some(payloads("why")) };
    script.work(vec![command(T::CancelWorkflowExecution, C::CancelWorkflowExecutionCommandAttributes(of))]);
    let A::WorkflowExecutionCanceledEventAttributes(of) = script.event(5) else { panic!("event 5 cancels, unasked") };
    assert_eq!((of.details, of.workflow_task_completed_event_id), (Some(payloads("why")), 4));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Canceled));
}

#[test]
fn a_failure_must_be_named() {
    let of = wire::FailWorkflowExecutionCommandAttributes { failure: None };
    let command = command(T::FailWorkflowExecution, C::FailWorkflowExecutionCommandAttributes(of));
    let text = "BadFailWorkflowExecutionAttributes: Failure is not set on FailWorkflowExecutionCommand.";
    assert_eq!(refused(&mut started(), command), (text.to_owned(), Cause::BadFailWorkflowExecutionAttributes));
}

#[test]
fn no_end_overlooks_what_has_arrived() {
    for end in [complete("done"), fail("no"), cancel(), continue_as_new("next")] {
        let mut script = started();
        let task = script.poll();
        script.signal("s-1");
        let refused = script.try_complete(&task, crate::with(vec![end]));
        assert_eq!(refused, Err(Rejection::InvalidArgument("UnhandledCommand".to_owned())));
        assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6");
    }
}

#[test]
fn a_bad_continuation_fails_the_task() {
    let negative = Some(prost_types::Duration { seconds: -1, nanos: 0 });
    let mixed = Some(prost_types::Duration { seconds: 1, nanos: -1 });
    let policy = RetryPolicy { backoff_coefficient: 0.5, ..RetryPolicy::default() };
    type Of = wire::ContinueAsNewWorkflowExecutionCommandAttributes;
    let long = "x".repeat(1_001);
    let queue = |name: &str| Some(TaskQueue { name: name.to_owned(), ..TaskQueue::default() });
    let of = "on ContinueAsNewWorkflowExecutionCommand";
    let about = "WorkflowType=Order TaskQueue=orders";
    let table = [
        (
            Of { workflow_run_timeout: negative, ..Of::default() },
            format!("Invalid WorkflowRunTimeout {of}: negative duration. {about}"),
        ),
        (
            Of { workflow_task_timeout: mixed, ..Of::default() },
            format!("Invalid WorkflowTaskTimeout {of}: duration has seconds and nanos with different signs. {about}"),
        ),
        (
            Of { backoff_start_interval: negative, ..Of::default() },
            format!("Invalid BackoffStartInterval {of}: negative duration. {about}"),
        ),
        (
            Of { retry_policy: Some(policy), ..Of::default() },
            format!("invalid WorkflowRetryPolicy {of}: BackoffCoefficient cannot be less than 1 on retry policy.. {about}"),
        ),
        (
            Of { cron_schedule: "every day".to_owned(), ..Of::default() },
            format!("invalid CronSchedule {of}: invalid CronSchedule.. {about}"),
        ),
        (
            Of { workflow_type: Some(WorkflowType { name: long.clone() }), ..Of::default() },
            format!("WorkflowType {of} exceeds length limit. WorkflowType={long} Length=1001 Limit=1000"),
        ),
        (
            Of { task_queue: queue("/_sys/x"), ..Of::default() },
            "error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: task queue name cannot start with reserved \
             prefix /_sys/. WorkflowType=Order TaskQueue=/_sys/x"
                .to_owned(),
        ),
    ];
    for (of, text) in table {
        let command = command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(of));
        let (said, cause) = refused(&mut started(), command);
        assert_eq!((said, cause), (format!("BadContinueAsNewAttributes: {text}"), Cause::BadContinueAsNewAttributes));
    }
}

#[test]
fn a_task_that_adds_too_much_at_once_ends_the_workflow() {
    for mut commands in [vec![marker("a"), marker("b")], vec![marker("a"), complete("done")]] {
        let mut script = started();
        script.limits.transaction_bytes = 400;
        script.work(vec![marker("a")]);
        script.signal("s-1");
        commands.extend([marker(&"m".repeat(300))]);
        commands.rotate_right(1);
        let refused = script.try_work(commands);
        assert_eq!(refused, Err(Rejection::InvalidArgument("Transaction size exceeds limit.".to_owned())));
        assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 MarkerRecorded5 Sig6 Ws7 Wt8 Wf9 T10");
        let A::WorkflowExecutionTerminatedEventAttributes(of) = script.event(10) else { panic!("event 10 is the end") };
        assert_eq!(of.reason, "Transaction size exceeds limit.");
    }
}

#[test]
fn what_is_too_large_ends_the_workflow() {
    let large = || payloads(&"x".repeat(200));
    let memo = || Some(Memo { fields: [("note".to_owned(), payload(&"x".repeat(200)))].into_iter().collect() });
    let complete = wire::CompleteWorkflowExecutionCommandAttributes { result: Some(large()) };
    let fail = wire::FailWorkflowExecutionCommandAttributes { failure: Some(application_failure(&"x".repeat(200), false)) };
    let cancel = wire::CancelWorkflowExecutionCommandAttributes { details: Some(large()) };
    let details = [("data".to_owned(), large())].into_iter().collect();
    let marker = wire::RecordMarkerCommandAttributes { marker_name: "m".to_owned(), details, ..Default::default() };
    type Continue = wire::ContinueAsNewWorkflowExecutionCommandAttributes;
    let input = Continue { input: Some(large()), ..Continue::default() };
    let noted = Continue { memo: memo(), ..Continue::default() };
    let modify = || {
        let of = wire::ModifyWorkflowPropertiesCommandAttributes { upserted_memo: memo() };
        command(T::ModifyWorkflowProperties, C::ModifyWorkflowPropertiesCommandAttributes(of))
    };
    let table = [
        (150, command(T::CompleteWorkflowExecution, C::CompleteWorkflowExecutionCommandAttributes(complete)), ".Result"),
        (150, command(T::FailWorkflowExecution, C::FailWorkflowExecutionCommandAttributes(fail)), ".Failure"),
        (150, command(T::CancelWorkflowExecution, C::CancelWorkflowExecutionCommandAttributes(cancel)), ".Details"),
        (150, command(T::RecordMarker, C::RecordMarkerCommandAttributes(marker)), ".Details"),
        (150, command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(input)), ". Input"),
        (150, command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(noted)), ". Memo"),
        (150, modify(), ""),
        (1_000, modify(), ". Memo"),
        (150, upsert([("Customer", payload(&"x".repeat(200)))]), ""),
    ];
    for (blob, of, part) in table {
        let name = of.command_type().as_str_name();
        let mut script = started();
        script.limits.blob_error_bytes = blob;
        script.limits.memo_error_bytes = 150;
        let (text, _) = refused(&mut script, of);
        assert!(text.ends_with(&format!("CommandAttributes{part} exceeds size limit.")), "{name}: {text}");
        assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 T5", "{name}");
    }
}

#[test]
fn search_attributes_that_are_too_large_end_the_workflow() {
    type Continue = wire::ContinueAsNewWorkflowExecutionCommandAttributes;
    type Child = wire::StartChildWorkflowExecutionCommandAttributes;
    let fields = || SearchAttributes { indexed_fields: [("Customer".to_owned(), payload("long"))].into_iter().collect() };
    let next = Continue { search_attributes: Some(fields()), ..Continue::default() };
    let child = Child {
        workflow_id: "child".to_owned(),
        workflow_type: Some(WorkflowType { name: "Child".to_owned() }),
        search_attributes: Some(fields()),
        ..Child::default()
    };
    let table = [
        (upsert([("Customer", payload("long"))]), Cause::BadSearchAttributes),
        (
            command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(next)),
            Cause::BadContinueAsNewAttributes,
        ),
        (
            command(T::StartChildWorkflowExecution, C::StartChildWorkflowExecutionCommandAttributes(child)),
            Cause::BadStartChildExecutionAttributes,
        ),
    ];
    for (of, cause) in table {
        let mut script = started();
        script.limits.search_attribute_value_bytes = 4;
        let (text, noted) = refused(&mut script, of.clone());
        assert!(text.ends_with(": search attribute Customer value size 6 exceeds size limit 4"), "{text}");
        assert_eq!((noted, script.short().as_str()), (cause, "S1 Ws2 Wt3 Wf4 T5"));
        let mut script = started();
        script.limits.search_attribute_total_bytes = 13;
        let (text, noted) = refused(&mut script, of);
        assert!(text.ends_with(": total size of search attributes 46 exceeds size limit 13"), "{text}");
        assert_eq!((noted, script.short().as_str()), (cause, "S1 Ws2 Wt3 Wf4 T5"));
    }
}

#[test]
fn a_marker_needs_a_name_of_a_length() {
    let name = "m".repeat(1_001);
    let text = format!(
        "BadRecordMarkerAttributes: MarkerName on RecordMarkerCommand exceeds length limit. MarkerName={name} Length=1001 \
         Limit=1000"
    );
    assert_eq!(refused(&mut started(), marker(&name)), (text, Cause::BadRecordMarkerAttributes));
}

fn nothing() -> Payload {
    Payload { metadata: [("encoding".to_owned(), "binary/null".into())].into_iter().collect(), ..Payload::default() }
}

#[test]
fn search_attributes_are_merged_and_nothing_removes() {
    let mut script = started();
    script.work(vec![upsert([("Customer", payload("c")), ("Vendor", payload("v"))])]);
    let run = |script: &Script| script.chain.current().expect("a run").state().clone();
    let before = run(&script).visibility_version;
    script.signal("s-1").work(vec![upsert([("Customer", nothing()), ("Vendor", payload("w")), ("Note", payload("n"))])]);
    let state = run(&script);
    let names: Vec<_> = state.search_attributes.keys().map(String::as_str).collect();
    assert_eq!(names, ["Note", "Vendor"]);
    assert_eq!(state.search_attributes.get("Vendor"), Some(&payload("w")));
    assert!(state.visibility_version > before, "lists are to show it");
    let A::UpsertWorkflowSearchAttributesEventAttributes(of) = script.event(10) else { panic!("event 10 upserts") };
    assert_eq!(of.search_attributes.map(|of| of.indexed_fields.len()), Some(3), "history keeps what was said");
}

#[test]
fn search_attributes_must_be_there_and_not_too_many() {
    let bad = |script: &mut Script, command| {
        let (text, cause) = refused(script, command);
        assert_eq!(cause, Cause::BadSearchAttributes);
        text
    };
    let text = "BadSearchAttributes: IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.";
    assert_eq!(bad(&mut started(), upsert([])), text);
    let mut script = started();
    script.limits.search_attribute_keys = 1;
    let two = || upsert([("Customer", payload("c")), ("Vendor", payload("v"))]);
    assert_eq!(bad(&mut script, two()), "BadSearchAttributes: number of search attributes 2 exceeds limit 1");
    let of = wire::UpsertWorkflowSearchAttributesCommandAttributes { search_attributes: None };
    let unset = command(T::UpsertWorkflowSearchAttributes, C::UpsertWorkflowSearchAttributesCommandAttributes(of));
    let text = "BadSearchAttributes: SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.";
    assert_eq!(bad(&mut started(), unset), text);
}

#[test]
fn search_attributes_that_the_namespace_does_not_have_fail_the_task() {
    type Continue = wire::ContinueAsNewWorkflowExecutionCommandAttributes;
    let kind = Some(WorkflowType { name: "Child".to_owned() });
    let next = Continue { workflow_type: kind, ..Continue::default() };
    let next = command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(next));
    let table = [
        (upsert([("Nope", payload("c"))]), "no such thing"),
        (
            next,
            "invalid SearchAttributes on ContinueAsNewWorkflowExecutionCommand: no such thing. WorkflowType=Child TaskQueue=orders",
        ),
        (
            start_child("child"),
            "invalid SearchAttributes on StartChildWorkflowCommand: no such thing. WorkflowId=child WorkflowType=Child Namespace=",
        ),
    ];
    for (command, text) in table {
        let mut script = started();
        let task = script.poll();
        let request = crate::with(vec![marker("first"), command]);
        let why = Some((1, "no such thing".to_owned()));
        let refused = script.try_complete_knowing(&task, request, why);
        assert_eq!(refused, Err(Rejection::InvalidArgument(format!("BadSearchAttributes: {text}"))));
        let A::WorkflowTaskFailedEventAttributes(of) = script.event(4) else { panic!("event 4 fails the task") };
        assert_eq!(of.cause(), Cause::BadSearchAttributes);
    }
}

#[test]
fn search_attributes_are_measured_as_they_become() {
    let mut script = started();
    script.limits.search_attribute_total_bytes = 60;
    script.work(vec![upsert([("Customer", payload("long"))])]);
    script.signal("s-1").work(vec![upsert([("Customer", nothing())]), upsert([("Vendor", payload("long"))])]);
    script.signal("s-2");
    let refused = script.try_work(vec![upsert([("Customer", payload("long"))])]);
    let text = "BadSearchAttributes: total size of search attributes 90 exceeds size limit 60";
    assert_eq!(refused, Err(Rejection::InvalidArgument(text.to_owned())));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Terminated));
}

#[test]
fn a_memo_is_merged_and_must_be_there() {
    let modify = |fields: &[(&str, Payload)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let of = wire::ModifyWorkflowPropertiesCommandAttributes { upserted_memo: Some(Memo { fields }) };
        command(T::ModifyWorkflowProperties, C::ModifyWorkflowPropertiesCommandAttributes(of))
    };
    let mut script = started();
    script.work(vec![modify(&[("note", payload("n")), ("mark", payload("m"))])]);
    let before = script.chain.current().expect("a run").state().visibility_version;
    script.signal("s-1").work(vec![modify(&[("note", nothing()), ("mark", payload("k"))])]);
    let state = script.chain.current().expect("a run").state();
    assert_eq!(state.memo, [("mark".to_owned(), payload("k"))].into_iter().collect());
    assert!(state.visibility_version > before);
    let text = "BadModifyWorkflowPropertiesAttributes: UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.";
    assert_eq!(refused(&mut started(), modify(&[])), (text.to_owned(), Cause::BadModifyWorkflowPropertiesAttributes));
    let unset = wire::ModifyWorkflowPropertiesCommandAttributes::default();
    let unset = command(T::ModifyWorkflowProperties, C::ModifyWorkflowPropertiesCommandAttributes(unset));
    let text = "BadModifyWorkflowPropertiesAttributes: UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.";
    assert_eq!(refused(&mut started(), unset).0, text);
}

#[test]
fn a_timer_fires_after_its_time_from_the_event() {
    let mut script = started();
    script.pass(3 * crate::SECOND).work(vec![start_timer("t", 5)]);
    assert_eq!(script.chain.next_wake(), Some(script.now + 5 * crate::SECOND));
    let A::TimerStartedEventAttributes(of) = script.event(5) else { panic!("event 5 starts it") };
    assert_eq!((of.timer_id.as_str(), of.start_to_fire_timeout), ("t", Some(seconds_of(5))));
}

#[test]
fn no_time_is_longer_than_a_century() {
    let century = 100 * 365 * 24 * 3_600;
    let mut script = started();
    script.work(vec![start_timer("t", century + 1), continue_as_new("next")]);
    let first = script.history(script.log().keys().copied().find(|run| *run != script.run()).expect("the run before"));
    let Some(A::TimerStartedEventAttributes(of)) = &first[4].attributes else { panic!("event 5 starts it") };
    assert_eq!(of.start_to_fire_timeout, Some(seconds_of(century)));
    let next = wire::ContinueAsNewWorkflowExecutionCommandAttributes {
        workflow_run_timeout: Some(seconds_of(century + 1)),
        ..Default::default()
    };
    let mut script = started();
    script.work(vec![command(T::ContinueAsNewWorkflowExecution, C::ContinueAsNewWorkflowExecutionCommandAttributes(next))]);
    assert_eq!(script.began().workflow_run_timeout, Some(seconds_of(century)));
}

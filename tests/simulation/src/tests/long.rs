//! Very long lives, each in a world of its own: what a seed of a few minutes cannot show.

mod programs;

use std::sync::Arc;
use std::time::Duration;

use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;

use crate::client::Client;
use crate::log::RunLog;
use crate::program::Program;
use crate::world::{Settings, World, on_stage};
use crate::{coverage, worker};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A world with the bounds of a real server and a worker that only works; in the end everything must have come to an end.
fn live(lenient: bool, program: impl Program + 'static, life: impl AsyncFnOnce(&Arc<World>, &mut Client)) {
    coverage::listen();
    let history = history::Options { history_page: 1_000, ..history::Options::DEFAULT };
    let settings = Settings { history, matching: matching::Options::STANDARD };
    let report = on_stage(|| async move {
        let world = World::new(1, Some(settings), std::env::var_os("TRACE").is_some());
        world.disk.log.lock().lenient = lenient;
        world.boot().await;
        worker::hire_steady(&world, Arc::new(program));
        let mut client = Client::new(&world, "anna");
        let over = world.over.clone();
        tokio::select! {
            biased;
            () = over.cancelled() => {}
            () = async {
                life(&world, &mut client).await;
                world.finish().await;
            } => {}
        }
        world.report()
    });
    assert_eq!(report.violation, None);
}

async fn begin(client: &mut Client, id: &str, change: impl FnOnce(&mut StartWorkflowExecutionRequest)) {
    let mut request = client.start_request(id);
    change(&mut request);
    client.start_as(id, request).await;
}

async fn pass(seconds: u64) {
    crate::clock::wait(Duration::from_secs(seconds)).await;
}

/// Nothing runs meanwhile: the machine is off.
fn skip(world: &World, seconds: u64) {
    world.wall.jump(i64::try_from(seconds).unwrap_or(0));
}

async fn crash(world: &Arc<World>) {
    world.crash(Duration::from_secs(1)).await;
}

/// Reads something of the runs of a workflow, oldest first.
fn runs<T>(world: &World, id: &str, read: impl Fn(&RunLog) -> T) -> Vec<T> {
    let log = world.disk.log.lock();
    let mut runs: Vec<&RunLog> = log.runs.values().filter(|run| run.key.chain.id.as_str() == id).collect();
    runs.sort_unstable_by_key(|run| run.number);
    runs.into_iter().map(read).collect()
}

fn seconds(event: &HistoryEvent) -> i64 {
    event.event_time.map_or(0, |at| at.seconds)
}

fn time_of(run: &RunLog, kind: EventType) -> Option<i64> {
    run.events.iter().find(|event| event.event_type() == kind).map(seconds)
}

fn is_done(world: &World, id: &str) -> bool {
    runs(world, id, |run| !run.is_open()).into_iter().all(|closed| closed)
}

#[test]
fn a_workflow_sleeps_ten_years_over_fifty_restarts() {
    let years = 10 * 365 * DAY;
    live(false, programs::Sleeper { seconds: years }, async |world, client| {
        begin(client, "sleeper", |_| {}).await;
        pass(10).await;
        for restart in 1..=50 {
            assert!(!is_done(world, "sleeper"), "it sleeps at restart {restart}");
            skip(world, years / 50 - HOUR);
            if restart % 2 == 0 {
                crash(world).await
            } else {
                world.restart().await
            }
            pass(HOUR).await;
        }
        let slept =
            runs(world, "sleeper", |run| Some(time_of(run, EventType::TimerFired)? - time_of(run, EventType::TimerStarted)?));
        let late = slept.first().copied().flatten().map(|slept| slept - i64::try_from(years).unwrap_or(0));
        assert!(late.is_some_and(|late| (0..=60).contains(&late)), "it woke up {late:?} s late");
        println!("sim-long sleep: 10 years, 50 restarts, woken {late:?} s after its time");
    });
}

#[test]
fn a_workflow_continues_as_new_ten_thousand_times() {
    let times = 10_000;
    live(true, programs::Continuer { times }, async |world, client| {
        begin(client, "again", |_| {}).await;
        let mut crashes = 0;
        while !is_done(world, "again") {
            pass(500).await;
            crash(world).await;
            crashes += 1;
            pass(1).await;
        }
        let last = EventType::WorkflowExecutionContinuedAsNew;
        let continued = runs(world, "again", |run| time_of(run, last).is_some());
        assert_eq!(continued.iter().filter(|continued| **continued).count() as u64, times);
        assert_eq!(continued.len() as u64, times + 1);
        println!("sim-long continue-as-new: {times} times, {crashes} crashes");
    });
}

#[test]
fn a_history_ends_at_its_limit_of_51_200_events() {
    live(false, programs::Scribe { events: 51_200 }, async |world, client| {
        begin(client, "scribe", |_| {}).await;
        pass(20).await;
        crash(world).await;
        while !is_done(world, "scribe") {
            pass(60).await;
        }
        let ends = runs(world, "scribe", |run| (run.events.len(), run.events.last().map(HistoryEvent::event_type)));
        let (events, last) = ends.first().copied().unwrap_or_default();
        assert_eq!(last, Some(EventType::WorkflowExecutionTerminated));
        // A worker has task 51,200; its start, its failure and the end are the last that is written.
        assert_eq!(events, 51_203);
        println!("sim-long events: {events}, then it was terminated");
    });
}

#[test]
fn a_cron_runs_a_year_of_days() {
    let days = 365;
    live(false, programs::Worker, async |world, client| {
        // The world begins at 08:00; the night comes while the server runs.
        skip(world, 16 * HOUR - 60);
        begin(client, "report", |request| request.cron_schedule = "0 0 * * *".to_owned()).await;
        pass(120).await;
        for day in 1..days {
            skip(world, DAY - 120);
            match day % 30 {
                10 => crash(world).await,
                20 => world.restart().await,
                _ => {}
            }
            pass(120).await;
        }
        let ran = runs(world, "report", |run| {
            let worked = time_of(run, EventType::WorkflowTaskScheduled)?;
            time_of(run, EventType::WorkflowExecutionCompleted).map(|_| worked.rem_euclid(DAY as i64))
        });
        let ran: Vec<i64> = ran.into_iter().flatten().collect();
        assert_eq!(ran.len(), days);
        let late = ran.iter().max().copied().unwrap_or_default();
        assert!(late <= 60, "one ran {late} s after midnight");
        let kept = runs(world, "report", |run| run.deleted).into_iter().filter(|deleted| !deleted).count();
        assert!(kept <= 4, "{kept} runs are kept beyond their retention of a day");
        println!("sim-long cron: {days} days, {days} runs, at most {late} s late, {kept} kept");
    });
}

#[test]
fn an_expense_waits_its_seven_days_for_approval() {
    live(false, programs::Expense { patience: 7 * DAY }, async |world, client| {
        begin(client, "forgotten", |_| {}).await;
        begin(client, "approved", |_| {}).await;
        for day in 1..=7 {
            pass(DAY - 60).await;
            if day == 3 {
                client.signal("approved").await;
            }
            crash(world).await;
            assert_eq!(is_done(world, "approved"), day > 3, "day {day}");
            assert!(!is_done(world, "forgotten"), "day {day}");
        }
        pass(10 * 60).await;
        let waited = runs(world, "forgotten", |run| {
            let fired = time_of(run, EventType::TimerFired)? - time_of(run, EventType::TimerStarted)?;
            Some((fired, run.events.iter().any(programs::says_timed_out)))
        });
        assert_eq!(waited, [Some((7 * DAY as i64, true))]);
        let approved = runs(world, "approved", |run| run.events.iter().any(programs::says_paid));
        assert_eq!(approved, [true]);
        println!("sim-long expense: one approved on day 3 and paid, one timed out after 7 days, 7 crashes");
    });
}

//! What simulated workflows do: a pure function of their history, chosen by the seed. Every one comes to an end by itself.

pub(crate) mod commands;
mod view;

use proto::temporal::api::command::v1::Command;
use proto::temporal::api::enums::v1::{CommandType, WorkflowTaskFailedCause};
use testkit::commands as make;

use crate::rng::{self, Rng};
pub(crate) use view::View;

/// A worker's answer to a workflow task.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Commands, and whether another task is wanted at once.
    Complete(Vec<Command>, bool),
    /// The worker could not.
    Fail(WorkflowTaskFailedCause),
    /// The worker says nothing.
    Silence,
}

/// A workflow's code: its next step from its history.
pub(crate) trait Program: Send + Sync {
    /// What it does now, at this attempt of its task. In the finale it is to end soon.
    fn step(&self, view: &View, attempt: i32, finale: bool) -> Reply;
}

/// A workflow that does anything.
pub(crate) struct Anything {
    pub(crate) seed: u64,
    /// How many workflow ids there are to address.
    pub(crate) ids: u64,
}

impl Program for Anything {
    fn step(&self, view: &View, attempt: i32, finale: bool) -> Reply {
        let mut rng = Rng::new(rng::hash(self.seed, view.run_id.as_bytes()));
        let length = if finale { 0 } else { 1 + rng.below(7) };
        let mut rng = rng.fork(&format!("{}/{}/{attempt}", view.step, view.last));
        if attempt < 4 && !finale {
            match rng.below(60) {
                0 => return Reply::Fail(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure),
                1 => return Reply::Silence,
                _ => {}
            }
        }
        if view.step >= length || (view.cancel_requested && rng.chance(1, 2)) {
            return self.end(view, finale, &mut rng);
        }
        let mut commands = Vec::new();
        for n in 0..rng.below(4) {
            let id = format!("{}-{n}", view.step);
            commands.extend(self.something(view, &id, &mut rng));
        }
        if attempt < 3 && rng.chance(1, 40) {
            // A timer without an id is refused with the whole task.
            commands.push(make::start_timer("", 1));
        }
        let canceled = commands.iter().filter(|command| command.command_type() == CommandType::CancelTimer).count();
        let goes_on = view.waits(canceled) || commands.iter().any(commands::brings_a_task);
        if !goes_on {
            commands.push(make::start_timer(&format!("pause-{}", view.step), rng.between(1, 10)));
        }
        Reply::Complete(commands, rng.chance(1, 20))
    }
}

impl Anything {
    /// It ends, or waits for what it began.
    fn end(&self, view: &View, finale: bool, rng: &mut Rng) -> Reply {
        let patient = finale || rng.chance(5, 6);
        if patient && !view.children.is_empty() {
            return Reply::Complete(Vec::new(), false);
        }
        if !finale && !view.activities.is_empty() && rng.chance(2, 3) {
            return Reply::Complete(Vec::new(), false);
        }
        if !finale && !view.timers.is_empty() && rng.chance(1, 3) {
            return Reply::Complete(Vec::new(), false);
        }
        let end = match rng.below(20) {
            _ if view.cancel_requested && rng.chance(2, 3) => make::cancel(),
            0..=2 if !finale => make::fail("it did not work out"),
            3..=5 if !finale && view.generation < 4 => make::continue_as_new(&(view.generation + 1).to_string()),
            _ => make::complete("done"),
        };
        Reply::Complete(vec![end], false)
    }

    /// One command that fits the state.
    fn something(&self, view: &View, id: &str, rng: &mut Rng) -> Option<Command> {
        let target = if rng.chance(1, 12) { "nobody".to_owned() } else { format!("wf-{}", rng.below(self.ids)) };
        Some(match rng.below(34) {
            0..=11 => commands::activity(id, rng),
            12..=16 => commands::timer(id, rng),
            17..=19 if view.depth < 2 => commands::child(view, id, rng),
            20..=21 => commands::signal_external(&target),
            22 => commands::cancel_external(&target),
            23 => make::marker("version"),
            24 => commands::upsert_search_attributes(id),
            25 => commands::modify_memo(id),
            26..=28 => make::cancel_timer(view.timers.values().next()?),
            29..=30 => commands::cancel_activity(*view.activities.keys().next()?),
            31..=32 => commands::cancel_external(&view.a_child()?),
            _ => commands::signal_external(&view.a_child()?),
        })
    }
}

//! Bugs planted on purpose, for the simulation alone: whoever looks for bugs must be shown to find them.
//!
//! The whole module hides behind a feature that no product build has. A bug sits where it would really be made: in a few lines
//! of the engine, of history or of matching that begin with this feature and the bug's name. At most one is planted at a time,
//! for the worlds of one thread.

use std::cell::Cell;

/// A mistake that somebody could make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A turn is answered before it is durable.
    ReplyBeforeCommit,
    /// A new owner does not fence the old one.
    NoFence,
    /// A parked run says that it falls due later than it does.
    WakeTooLate,
    /// A mark is folded, but not written.
    LostMark,
    /// An activity that a worker has already is started once more for another one.
    DoubledTask,
    /// An event gets the number after the next one.
    SkippedEventId,
    /// A stored task is removed before its start is known.
    BacklogAckedBeforeStart,
    /// The answer to a workflow task that was taken from its (sticky) worker counts for the task that is out now.
    StaleTaskAccepted,
    /// One of several buffered events is not written when the buffer is flushed.
    LostBufferedEvent,
    /// Two events tell that a timer fired.
    TimerFiredTwice,
    /// A timer fires a second before its time.
    TimerFiredEarly,
    /// The retry of an activity has the number of the attempt that failed.
    AttemptNotCounted,
    /// So has the retry of a run.
    RunAttemptNotCounted,
    /// A signal's request id is not remembered.
    RequestIdForgotten,
    /// The end of a child is ticked off without a word to its parent.
    ChildCloseNotReported,
    /// Lists do not hear that a run has timed out.
    VisibilityRowLost,
    /// A commit whose outcome is unknown counts as done.
    UnknownTakenForDone,
    /// A snapshot says that it covers one row more than it does.
    SnapshotAhead,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::ReplyBeforeCommit,
        Self::NoFence,
        Self::WakeTooLate,
        Self::LostMark,
        Self::DoubledTask,
        Self::SkippedEventId,
        Self::BacklogAckedBeforeStart,
        Self::StaleTaskAccepted,
        Self::LostBufferedEvent,
        Self::TimerFiredTwice,
        Self::TimerFiredEarly,
        Self::AttemptNotCounted,
        Self::RunAttemptNotCounted,
        Self::RequestIdForgotten,
        Self::ChildCloseNotReported,
        Self::VisibilityRowLost,
        Self::UnknownTakenForDone,
        Self::SnapshotAhead,
    ];

    /// Whether this thread has it.
    pub fn is_planted(self) -> bool {
        PLANTED.get() == Some(self)
    }
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Plants a bug on this thread, or none.
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

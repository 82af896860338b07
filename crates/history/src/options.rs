//! Every bound of the service, with its unit and its reason.

use std::time::Duration;

/// Bounds of the history service. [`Options::DEFAULT`] is what one process with all roles uses.
#[derive(Debug, Clone)]
pub struct Options {
    /// Turns in one commit. Default 2,000: one statement stays small enough for every database.
    pub batch_turns: usize,
    /// Bytes in one commit. Default 2 MiB: below MySQL's packet limit.
    pub batch_bytes: usize,
    /// Runs deleted in one commit. Default 500: deletion touches many rows of each.
    pub batch_deletes: usize,
    /// How long a turn waits at most for others to share its commit, and only while several chains bring turns closely one after
    /// the other; zero for never, as for a store in memory. Default 5 ms: an fsync costs the same for one turn as for many.
    pub hold: Duration,
    /// With so many turns a commit is not held back. Default 32: more would save little.
    pub hold_turns: usize,
    /// Turns waiting to be committed above which new work is refused; completions are refused at twice as many. Default 20,000.
    pub queue_turns: usize,
    /// Bytes waiting to be committed, likewise. Default 64 MiB.
    pub queue_bytes: usize,
    /// Housekeeping (idle chains that leave memory, searchable rows) may fill the queue's turns and bytes divided by this. Default
    /// 4: it makes turns far faster than a slow disk takes them, and the rest is for calls.
    pub housekeeping_share: usize,
    /// Turns waiting for one chain (which is being loaded, or whose start is not durable). Default 1,000.
    pub mailbox: usize,
    /// Memory of resident chains, estimated, above which idle ones leave at once. Default 512 MiB; new work is refused at twice
    /// as much.
    pub resident_bytes: usize,
    /// Bytes of recent history kept per run, so that workers' polls read nothing from the store. Default 256 KiB.
    pub recent_bytes: usize,
    /// How long an open chain stays in memory after its last turn. Default 10 s.
    pub idle: Duration,
    /// The same for chains whose runs are closed. Default 1 s: the waiting client's last read.
    pub idle_closed: Duration,
    /// How often idle chains are looked for. Default 500 ms.
    pub sweep_every: Duration,
    /// Rows of a run's log after which a snapshot is due. Default 256.
    pub snapshot_rows: u32,
    /// Bytes of a run's log after which a snapshot is due. Default 256 KiB.
    pub snapshot_bytes: usize,
    /// How far ahead wake-ups of parked runs are held in memory. Default 15 min.
    pub look_ahead: Duration,
    /// How often the store is asked for them. Default 5 min; must be below `look_ahead`.
    pub look_ahead_every: Duration,
    /// Rows per page of that scan. Default 1,000.
    pub scan_page: usize,
    /// Chains loaded at once by recovery and wake-ups. Default 64.
    pub load_concurrency: usize,
    /// Tasks (offers, calls to other chains) in progress at once. Default 256.
    pub dispatch_concurrency: usize,
    /// First and longest wait before a failed task is tried again. Default 50 ms and 10 s.
    pub dispatch_backoff: (Duration, Duration),
    /// First and longest wait before a task that matching holds is offered once more. Default 10 s and 2 min.
    pub offer_again: (Duration, Duration),
    /// How long changes of one run are gathered before its searchable row is written. Default 1 s.
    pub visibility_delay: Duration,
    /// Runs whose searchable row waits, above which new work is refused. Default 1,000,000.
    pub visibility_backlog: usize,
    /// How long a long poll of history waits. Default 20 s.
    pub long_poll: Duration,
    /// Events in one page of history. Default 256.
    pub history_page: usize,
    /// Queries of one run that wait for a workflow task. Default 1.
    pub buffered_queries: usize,
    /// How long an unanswered query may take where the caller names no deadline. Default 10 s.
    pub query_timeout: Duration,
    /// How often a broken store is tried again while a commit's outcome is open. Default 100 ms.
    pub store_retry: Duration,
    /// Shards at creation. Default 256, of 64 slots each.
    pub shards: u16,
    /// The longest that a drain may take. Default 10 s.
    pub drain: Duration,
}

impl Options {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        batch_turns: 2_000,
        batch_bytes: 2 * 1024 * 1024,
        batch_deletes: 500,
        hold: Duration::from_millis(5),
        hold_turns: 32,
        queue_turns: 20_000,
        queue_bytes: 64 * 1024 * 1024,
        housekeeping_share: 4,
        mailbox: 1_000,
        resident_bytes: 512 * 1024 * 1024,
        recent_bytes: 256 * 1024,
        idle: Duration::from_secs(10),
        idle_closed: Duration::from_secs(1),
        sweep_every: Duration::from_millis(500),
        snapshot_rows: 256,
        snapshot_bytes: 256 * 1024,
        look_ahead: Duration::from_secs(15 * 60),
        look_ahead_every: Duration::from_secs(5 * 60),
        scan_page: 1_000,
        load_concurrency: 64,
        dispatch_concurrency: 256,
        dispatch_backoff: (Duration::from_millis(50), Duration::from_secs(10)),
        offer_again: (Duration::from_secs(10), Duration::from_secs(120)),
        visibility_delay: Duration::from_secs(1),
        visibility_backlog: 1_000_000,
        long_poll: Duration::from_secs(20),
        history_page: 256,
        buffered_queries: 1,
        query_timeout: Duration::from_secs(10),
        store_retry: Duration::from_millis(100),
        shards: 256,
        drain: Duration::from_secs(10),
    };
}

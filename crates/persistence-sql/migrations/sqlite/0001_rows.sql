-- Ids are compared byte by byte: UUIDs as 16-byte blobs, texts in the BINARY collation. Times are nanoseconds since 1970.

-- Commit streams: the fence of every batch.
CREATE TABLE lane (
    member BLOB NOT NULL,
    lane_index INTEGER NOT NULL,
    owner BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (member, lane_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE shard (
    shard INTEGER PRIMARY KEY,
    slot_start INTEGER NOT NULL,
    slot_end INTEGER NOT NULL,
    member BLOB NOT NULL,
    lane_index INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- A small row per run; `id` is what its log refers to. Snapshots stand apart, so that a new wake_at never rewrites one.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    slot INTEGER NOT NULL,
    namespace BLOB NOT NULL,
    kind INTEGER NOT NULL,
    workflow_id TEXT NOT NULL COLLATE BINARY,
    run BLOB NOT NULL,
    current INTEGER CHECK (current = 1),
    status INTEGER NOT NULL,
    wake_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX run_key ON run (namespace, run);
CREATE UNIQUE INDEX run_current ON run (namespace, kind, workflow_id) WHERE current = 1;
-- In the order of scans, so that a page costs its own rows however many runs owe something at the same moment. Slots are
-- filtered: here one server owns them all.
CREATE INDEX run_wake ON run (wake_at, namespace, kind, workflow_id, run);

CREATE TABLE snapshot (
    run INTEGER PRIMARY KEY,
    turn INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

-- The log. Appended at its end, hence a rowid; the index is small.
CREATE TABLE turn (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    branch BLOB NOT NULL,
    turn INTEGER NOT NULL,
    first_event_id INTEGER NOT NULL,
    last_event_id INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX turn_key ON turn (run, branch, turn);
CREATE INDEX turn_marks ON turn (run, turn) WHERE first_event_id = 0;

CREATE TABLE namespace (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL COLLATE BINARY UNIQUE,
    version INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cluster (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    initial_failover_version INTEGER NOT NULL,
    format INTEGER NOT NULL,
    created_shards INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE task_queue (
    id INTEGER PRIMARY KEY,
    namespace BLOB NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE BINARY,
    owner BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    UNIQUE (namespace, kind, name)
) STRICT;

CREATE TABLE backlog (
    queue INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    added INTEGER NOT NULL,
    run BLOB NOT NULL,
    scheduled_event_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    namespace BLOB NOT NULL,
    kind INTEGER NOT NULL,
    workflow_id TEXT NOT NULL COLLATE BINARY,
    PRIMARY KEY (queue, priority, added, run, scheduled_event_id, attempt, stamp)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX backlog_task ON backlog (queue, run, scheduled_event_id, attempt, stamp);

-- Searchable rows. `closed` is close_time, or the end of time while the run is open: open runs are listed first.
CREATE TABLE visibility (
    id INTEGER PRIMARY KEY,
    namespace BLOB NOT NULL,
    run BLOB NOT NULL,
    kind INTEGER NOT NULL,
    workflow_id TEXT NOT NULL COLLATE BINARY,
    version INTEGER NOT NULL,
    workflow_type TEXT NOT NULL COLLATE BINARY,
    task_queue TEXT NOT NULL COLLATE BINARY,
    status INTEGER NOT NULL,
    start_time INTEGER NOT NULL,
    execution_time INTEGER NOT NULL,
    close_time INTEGER,
    closed INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(close_time, 9223372036854775807)) VIRTUAL,
    history_length INTEGER,
    history_size_bytes INTEGER,
    state_transition_count INTEGER,
    parent_workflow_id TEXT COLLATE BINARY,
    parent_run BLOB,
    root_workflow_id TEXT NOT NULL COLLATE BINARY,
    root_run BLOB NOT NULL,
    memo BLOB NOT NULL,
    -- A JSON object: "<type number>:<name>" to value.
    attributes TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX visibility_key ON visibility (namespace, run);
CREATE INDEX visibility_order ON visibility (namespace, closed DESC, start_time DESC, run);
CREATE INDEX visibility_workflow ON visibility (namespace, workflow_id);

-- What was deleted, by version, so that a late write does not bring it back. Kept for 24 hours.
CREATE TABLE visibility_tombstone (
    namespace BLOB NOT NULL,
    run BLOB NOT NULL,
    version INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, run)
) STRICT, WITHOUT ROWID;

CREATE INDEX visibility_tombstone_age ON visibility_tombstone (deleted_at);

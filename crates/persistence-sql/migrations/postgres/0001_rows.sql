-- Ids are compared byte by byte: UUIDs as such, texts in the collation "C". Times are nanoseconds since 1970.

-- Commit streams: the fence of every batch. Few rows that change all the time: room for the next image on the same page.
CREATE TABLE lane (
    member uuid NOT NULL,
    lane_index bigint NOT NULL,
    owner uuid NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (member, lane_index)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE shard (
    shard bigint PRIMARY KEY,
    slot_start integer NOT NULL,
    slot_end integer NOT NULL,
    member uuid NOT NULL,
    lane_index bigint NOT NULL,
    version bigint NOT NULL
);

-- A small row per run; `id` is what its log refers to: numbers that rise, so that the log grows at its end. Snapshots stand
-- apart, so that a new wake_at never rewrites one.
CREATE TABLE run (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 32),
    slot smallint NOT NULL,
    namespace uuid NOT NULL,
    kind smallint NOT NULL,
    workflow_id text COLLATE "C" NOT NULL,
    run uuid NOT NULL,
    current boolean CHECK (current),
    status integer NOT NULL,
    wake_at bigint NOT NULL,
    PRIMARY KEY (namespace, run)
);

CREATE UNIQUE INDEX run_current ON run (namespace, kind, workflow_id) WHERE current;
-- In the order of scans, so that a page costs its own rows however many runs owe something at the same moment.
CREATE INDEX run_wake ON run (wake_at, namespace, kind, workflow_id, run);

CREATE TABLE snapshot (
    run bigint PRIMARY KEY,
    turn bigint NOT NULL,
    state bytea NOT NULL
);

-- The log.
CREATE TABLE turn (
    run bigint NOT NULL,
    branch uuid NOT NULL,
    turn bigint NOT NULL,
    first_event_id bigint NOT NULL,
    last_event_id bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (run, branch, turn)
);

CREATE INDEX turn_marks ON turn (run, turn) WHERE first_event_id = 0;

CREATE TABLE namespace (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    version bigint NOT NULL,
    data bytea NOT NULL
);

CREATE TABLE cluster (
    one smallint PRIMARY KEY CHECK (one = 1),
    id text NOT NULL,
    name text NOT NULL,
    initial_failover_version bigint NOT NULL,
    format bigint NOT NULL,
    created_shards bigint NOT NULL,
    version bigint NOT NULL
);

-- Who takes part in the cluster. Every row changes with every sign of life: room for its next images beside it.
CREATE TABLE member (
    member uuid PRIMARY KEY,
    services text NOT NULL,
    beat bigint NOT NULL,
    draining smallint NOT NULL CHECK (draining IN (0, 1)),
    format bigint NOT NULL
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE task_queue (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    namespace uuid NOT NULL,
    kind smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    owner uuid NOT NULL,
    epoch bigint NOT NULL,
    PRIMARY KEY (namespace, kind, name)
);

-- Keyed by task, so that a repeated one replaces itself.
CREATE TABLE backlog (
    queue bigint NOT NULL,
    run uuid NOT NULL,
    scheduled_event_id bigint NOT NULL,
    attempt integer NOT NULL,
    stamp integer NOT NULL,
    priority integer NOT NULL,
    added bigint NOT NULL,
    expires bigint NOT NULL,
    namespace uuid NOT NULL,
    kind smallint NOT NULL,
    workflow_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (queue, run, scheduled_event_id, attempt, stamp)
);

CREATE INDEX backlog_order ON backlog (queue, priority, added, run, scheduled_event_id, attempt, stamp);

-- Searchable rows. `closed` is close_time, or the end of time while the run is open: open runs are listed first.
CREATE TABLE visibility (
    namespace uuid NOT NULL,
    run uuid NOT NULL,
    kind smallint NOT NULL,
    workflow_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    workflow_type text COLLATE "C" NOT NULL,
    task_queue text COLLATE "C" NOT NULL,
    status integer NOT NULL,
    start_time bigint NOT NULL,
    execution_time bigint NOT NULL,
    close_time bigint,
    closed bigint NOT NULL GENERATED ALWAYS AS (COALESCE(close_time, 9223372036854775807)) STORED,
    history_length bigint,
    history_size_bytes bigint,
    state_transition_count bigint,
    parent_workflow_id text COLLATE "C",
    parent_run uuid,
    root_workflow_id text COLLATE "C" NOT NULL,
    root_run uuid NOT NULL,
    memo bytea NOT NULL,
    -- "<type number>:<name>" to value.
    attributes jsonb NOT NULL,
    PRIMARY KEY (namespace, run)
);

-- Every list is of one kind, so the kind leads both.
CREATE INDEX visibility_order ON visibility (namespace, kind, closed DESC, start_time DESC, run);
CREATE INDEX visibility_workflow ON visibility (namespace, kind, workflow_id);

-- What was deleted, by version, so that a late write does not bring it back. Kept for 24 hours.
CREATE TABLE visibility_tombstone (
    namespace uuid NOT NULL,
    run uuid NOT NULL,
    version bigint NOT NULL,
    deleted_at bigint NOT NULL,
    PRIMARY KEY (namespace, run)
);

CREATE INDEX visibility_tombstone_age ON visibility_tombstone (deleted_at);

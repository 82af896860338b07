-- What writes batches: functions, so that a batch with its fence is one statement, one round trip, one transaction. Each is
-- kept as long as a supported binary calls it: another behaviour is another name (`_2`), and a later step drops the old one.

-- Searchable rows, unless something newer is known of their run. No run twice. A row without version is left out.
CREATE OR REPLACE FUNCTION show_1(
    namespaces uuid[], runs uuid[], kinds bigint[], workflow_ids text[], versions bigint[], workflow_types text[],
    task_queues text[], statuses bigint[], start_times bigint[], execution_times bigint[], close_times bigint[],
    history_lengths bigint[], history_sizes bigint[], transitions bigint[], parent_workflow_ids text[], parent_runs uuid[],
    root_workflow_ids text[], root_runs uuid[], memos bytea[], attribute_objects text[]
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO visibility AS shown (
        namespace, run, kind, workflow_id, version, workflow_type, task_queue, status, start_time, execution_time, close_time,
        history_length, history_size_bytes, state_transition_count, parent_workflow_id, parent_run, root_workflow_id,
        root_run, memo, attributes)
    SELECT k.namespace, k.run, k.kind, k.workflow_id, k.version, k.workflow_type, k.task_queue, k.status, k.start_time,
        k.execution_time, k.close_time, k.history_length, k.history_size, k.transitions, k.parent_workflow_id, k.parent_run,
        k.root_workflow_id, k.root_run, k.memo, k.attributes::jsonb
    FROM unnest(
        namespaces, runs, kinds, workflow_ids, versions, workflow_types, task_queues, statuses, start_times, execution_times,
        close_times, history_lengths, history_sizes, transitions, parent_workflow_ids, parent_runs, root_workflow_ids,
        root_runs, memos, attribute_objects
    ) AS k (
        namespace, run, kind, workflow_id, version, workflow_type, task_queue, status, start_time, execution_time, close_time,
        history_length, history_size, transitions, parent_workflow_id, parent_run, root_workflow_id, root_run, memo, attributes)
    WHERE k.version IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM visibility_tombstone t
        WHERE t.namespace = k.namespace AND t.run = k.run AND t.version >= k.version)
    ON CONFLICT (namespace, run) DO UPDATE SET
        version = excluded.version, workflow_type = excluded.workflow_type, task_queue = excluded.task_queue,
        status = excluded.status, start_time = excluded.start_time, execution_time = excluded.execution_time,
        close_time = excluded.close_time, history_length = excluded.history_length,
        history_size_bytes = excluded.history_size_bytes, state_transition_count = excluded.state_transition_count,
        parent_workflow_id = excluded.parent_workflow_id, parent_run = excluded.parent_run,
        root_workflow_id = excluded.root_workflow_id, root_run = excluded.root_run, memo = excluded.memo,
        attributes = excluded.attributes
    WHERE excluded.version > shown.version;
END
$$;

-- Removes searchable rows that are not newer than their deletion, and leaves tombstones. No run twice.
CREATE OR REPLACE FUNCTION hide_1(namespaces uuid[], runs uuid[], versions bigint[], moments bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM visibility v USING unnest(namespaces, runs, versions) AS k (namespace, run, version)
    WHERE v.namespace = k.namespace AND v.run = k.run AND v.version <= k.version;
    INSERT INTO visibility_tombstone AS t (namespace, run, version, deleted_at)
    SELECT * FROM unnest(namespaces, runs, versions, moments)
    ON CONFLICT (namespace, run) DO UPDATE SET
        version = greatest(t.version, excluded.version), deleted_at = greatest(t.deleted_at, excluded.deleted_at);
END
$$;

-- Writes a batch if the lane still has this epoch and seq. Answers the numbers (from 1) of the starts that lost; NULL where
-- the lane is somebody else's, and then nothing was written. Raises ZV001 where a run to change is missing, ZV002 where the
-- run of a turn is, ZV003 where a shard is not this lane's or changed meanwhile: everything is undone then.
CREATE OR REPLACE FUNCTION commit_1(
    of_member uuid, of_index bigint, at_epoch bigint, at_seq bigint, moment bigint,
    delete_namespaces uuid[], delete_runs uuid[],
    prune_namespaces uuid[], prune_runs uuid[], prune_turns bigint[],
    change_namespaces uuid[], change_runs uuid[], change_currents boolean[], change_statuses bigint[], change_wakes bigint[],
    snapshot_namespaces uuid[], snapshot_runs uuid[], snapshot_turns bigint[], snapshot_states bytea[],
    start_slots bigint[], start_namespaces uuid[], start_kinds bigint[], start_workflow_ids text[], start_runs uuid[],
    start_statuses bigint[], start_wakes bigint[],
    new_slots bigint[], new_namespaces uuid[], new_kinds bigint[], new_workflow_ids text[], new_runs uuid[],
    new_statuses bigint[], new_wakes bigint[], new_currents boolean[],
    turn_namespaces uuid[], turn_runs uuid[], turn_branches uuid[], turn_numbers bigint[], turn_firsts bigint[],
    turn_lasts bigint[], turn_datas bytea[],
    hide_namespaces uuid[], hide_runs uuid[], hide_versions bigint[],
    shard_numbers bigint[], shard_starts bigint[], shard_ends bigint[], shard_members uuid[], shard_lanes bigint[],
    shard_versions bigint[],
    show_namespaces uuid[], show_runs uuid[], show_kinds bigint[], show_workflow_ids text[], show_versions bigint[],
    show_workflow_types text[], show_task_queues text[], show_statuses bigint[], show_start_times bigint[],
    show_execution_times bigint[], show_close_times bigint[], show_history_lengths bigint[], show_history_sizes bigint[],
    show_transitions bigint[], show_parent_workflow_ids text[], show_parent_runs uuid[], show_root_workflow_ids text[],
    show_root_runs uuid[], show_memos bytea[], show_attributes text[]
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    lost bigint[] := '{}';
    kept bigint[];
    wanted bigint;
    written bigint;
BEGIN
    -- Waits for whoever holds the row: a taker, or a batch of ours whose answer was lost.
    UPDATE lane SET seq = seq + 1
    WHERE member = of_member AND lane_index = of_index AND epoch = at_epoch AND seq = at_seq;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF cardinality(delete_runs) > 0 THEN
        DELETE FROM turn t USING run r, unnest(delete_namespaces, delete_runs) AS k (namespace, run)
        WHERE r.namespace = k.namespace AND r.run = k.run AND t.run = r.id;
        DELETE FROM snapshot s USING run r, unnest(delete_namespaces, delete_runs) AS k (namespace, run)
        WHERE r.namespace = k.namespace AND r.run = k.run AND s.run = r.id;
        DELETE FROM run r USING unnest(delete_namespaces, delete_runs) AS k (namespace, run)
        WHERE r.namespace = k.namespace AND r.run = k.run;
    END IF;

    IF cardinality(prune_runs) > 0 THEN
        DELETE FROM turn t USING run r, unnest(prune_namespaces, prune_runs, prune_turns) AS k (namespace, run, up_to)
        WHERE r.namespace = k.namespace AND r.run = k.run
            AND t.run = r.id AND t.turn <= k.up_to AND t.first_event_id = 0;
    END IF;

    IF cardinality(change_runs) > 0 THEN
        -- Who is not current any more steps down before another takes its place, whether the batch speaks of it or not.
        UPDATE run r SET current = NULL, status = k.status, wake_at = k.wake_at
        FROM unnest(change_namespaces, change_runs, change_currents, change_statuses, change_wakes)
            AS k (namespace, run, current, status, wake_at)
        WHERE r.namespace = k.namespace AND r.run = k.run AND NOT k.current;
        GET DIAGNOSTICS written = ROW_COUNT;
        UPDATE run former SET current = NULL
        FROM unnest(change_namespaces, change_runs, change_currents) AS k (namespace, run, current)
        JOIN run r ON r.namespace = k.namespace AND r.run = k.run
        WHERE k.current AND r.current IS NULL AND former.current
            AND former.namespace = r.namespace AND former.kind = r.kind AND former.workflow_id = r.workflow_id;
        UPDATE run r SET current = true, status = k.status, wake_at = k.wake_at
        FROM unnest(change_namespaces, change_runs, change_currents, change_statuses, change_wakes)
            AS k (namespace, run, current, status, wake_at)
        WHERE r.namespace = k.namespace AND r.run = k.run AND k.current;
        GET DIAGNOSTICS wanted = ROW_COUNT;
        IF written + wanted <> cardinality(change_runs) THEN
            RAISE EXCEPTION 'a run to change is missing' USING ERRCODE = 'ZV001';
        END IF;
        IF cardinality(snapshot_runs) > 0 THEN
            INSERT INTO snapshot (run, turn, state)
            SELECT r.id, k.turn, k.state
            FROM unnest(snapshot_namespaces, snapshot_runs, snapshot_turns, snapshot_states) AS k (namespace, run, turn, state)
            JOIN run r ON r.namespace = k.namespace AND r.run = k.run
            ON CONFLICT (run) DO UPDATE SET turn = excluded.turn, state = excluded.state;
        END IF;
    END IF;

    IF cardinality(start_runs) > 0 THEN
        WITH k AS (
            SELECT * FROM unnest(start_slots, start_namespaces, start_kinds, start_workflow_ids, start_runs, start_statuses,
                start_wakes) WITH ORDINALITY AS k (slot, namespace, kind, workflow_id, run, status, wake_at, number)
        ), won AS (
            INSERT INTO run (slot, namespace, kind, workflow_id, run, current, status, wake_at)
            SELECT k.slot, k.namespace, k.kind, k.workflow_id, k.run, true, k.status, k.wake_at FROM k ORDER BY k.number
            ON CONFLICT DO NOTHING
            RETURNING namespace, run
        )
        SELECT coalesce(array_agg(k.number), '{}') INTO lost FROM k
        WHERE NOT EXISTS (SELECT 1 FROM won WHERE won.namespace = k.namespace AND won.run = k.run);
    END IF;

    IF cardinality(new_runs) > 0 THEN
        UPDATE run r SET current = NULL
        FROM (SELECT DISTINCT * FROM unnest(new_namespaces, new_kinds, new_workflow_ids)) AS k (namespace, kind, workflow_id)
        WHERE r.namespace = k.namespace AND r.kind = k.kind AND r.workflow_id = k.workflow_id AND r.current;
        INSERT INTO run (slot, namespace, kind, workflow_id, run, current, status, wake_at)
        SELECT * FROM unnest(new_slots, new_namespaces, new_kinds, new_workflow_ids, new_runs, new_currents, new_statuses,
            new_wakes);
    END IF;

    IF cardinality(turn_runs) > 0 THEN
        wanted := cardinality(turn_runs);
        IF cardinality(lost) > 0 THEN
            -- Rows of starts that lost are left out.
            SELECT coalesce(array_agg(k.number), '{}') INTO kept
            FROM unnest(turn_namespaces, turn_runs) WITH ORDINALITY AS k (namespace, run, number)
            WHERE NOT EXISTS (
                SELECT 1 FROM unnest(lost) AS l (number)
                WHERE start_namespaces[l.number] = k.namespace AND start_runs[l.number] = k.run);
            wanted := cardinality(kept);
        END IF;
        INSERT INTO turn (run, branch, turn, first_event_id, last_event_id, data)
        SELECT r.id, k.branch, k.turn, k.first_event_id, k.last_event_id, k.data
        FROM unnest(turn_namespaces, turn_runs, turn_branches, turn_numbers, turn_firsts, turn_lasts, turn_datas)
            WITH ORDINALITY AS k (namespace, run, branch, turn, first_event_id, last_event_id, data, number)
        JOIN run r ON r.namespace = k.namespace AND r.run = k.run
        WHERE kept IS NULL OR k.number = ANY (kept);
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> wanted THEN
            RAISE EXCEPTION 'the run of a turn is missing' USING ERRCODE = 'ZV002';
        END IF;
    END IF;

    IF cardinality(show_runs) > 0 THEN
        IF cardinality(lost) > 0 THEN
            SELECT array_agg(CASE WHEN l.number IS NULL THEN k.version END ORDER BY k.number) INTO show_versions
            FROM unnest(show_namespaces, show_runs, show_versions) WITH ORDINALITY AS k (namespace, run, version, number)
            LEFT JOIN unnest(lost) AS l (number)
                ON start_namespaces[l.number] = k.namespace AND start_runs[l.number] = k.run;
        END IF;
        PERFORM show_1(show_namespaces, show_runs, show_kinds, show_workflow_ids, show_versions, show_workflow_types,
            show_task_queues, show_statuses, show_start_times, show_execution_times, show_close_times, show_history_lengths,
            show_history_sizes, show_transitions, show_parent_workflow_ids, show_parent_runs, show_root_workflow_ids,
            show_root_runs, show_memos, show_attributes);
    END IF;
    IF cardinality(hide_runs) > 0 THEN
        PERFORM hide_1(hide_namespaces, hide_runs, hide_versions, array_fill(moment, ARRAY[cardinality(hide_runs)]));
    END IF;

    IF cardinality(shard_numbers) > 0 THEN
        INSERT INTO shard AS s (shard, slot_start, slot_end, member, lane_index, version)
        SELECT * FROM unnest(shard_numbers, shard_starts, shard_ends, shard_members, shard_lanes, shard_versions)
        ON CONFLICT (shard) DO UPDATE SET
            slot_start = excluded.slot_start, slot_end = excluded.slot_end, member = excluded.member,
            lane_index = excluded.lane_index, version = excluded.version
        WHERE s.member = of_member AND s.lane_index = of_index AND s.version = excluded.version - 1;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(shard_numbers) THEN
            RAISE EXCEPTION 'a shard is not this lane''s, or changed meanwhile' USING ERRCODE = 'ZV003';
        END IF;
    END IF;
    RETURN lost;
END
$$;

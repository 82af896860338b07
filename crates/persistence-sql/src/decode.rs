//! Rows become records again, the same from every database; what is no such record is corruption, not a panic.

use bytes::Bytes;
use model::{
    BranchId, ChainKey, ChainKind, Epoch, LaneId, MemberId, NamespaceId, RunId, RunKey, ShardId, SlotRange, TaskQueueKind,
    TaskQueueName, Timestamp, WorkflowId,
};
use persistence::{BacklogKey, ClusterRow, Error, LaneState, MemberRow, NamespaceRow, ShardRow, SpilledTask, TurnRow, WakeRow};

/// A row, whose columns are read by place. NULL is read by the `maybe` ones only.
pub(crate) trait Columns {
    /// A whole number of any width.
    fn maybe_int(&self, at: usize) -> Result<Option<i64>, Error>;
    /// A text.
    fn maybe_text(&self, at: usize) -> Result<Option<&str>, Error>;
    /// Bytes.
    fn maybe_bytes(&self, at: usize) -> Result<Option<&[u8]>, Error>;
    /// The 16 bytes of an id.
    fn maybe_id(&self, at: usize) -> Result<Option<[u8; 16]>, Error>;

    /// A whole number.
    fn int(&self, at: usize) -> Result<i64, Error> {
        self.maybe_int(at)?.ok_or_else(|| missing(at))
    }

    /// A whole number that is never negative.
    fn unsigned(&self, at: usize) -> Result<u64, Error> {
        self.small(at)
    }

    /// A whole number of a smaller range.
    fn small<T: TryFrom<i64>>(&self, at: usize) -> Result<T, Error> {
        let number = self.int(at)?;
        T::try_from(number).map_err(|_| Error::Corrupt(format!("number {number} is out of range")))
    }

    /// A text.
    fn text(&self, at: usize) -> Result<&str, Error> {
        self.maybe_text(at)?.ok_or_else(|| missing(at))
    }

    /// Bytes.
    fn bytes(&self, at: usize) -> Result<&[u8], Error> {
        self.maybe_bytes(at)?.ok_or_else(|| missing(at))
    }

    /// The 16 bytes of an id.
    fn id(&self, at: usize) -> Result<[u8; 16], Error> {
        self.maybe_id(at)?.ok_or_else(|| missing(at))
    }

    /// A moment.
    fn moment(&self, at: usize) -> Result<Timestamp, Error> {
        self.int(at).map(Timestamp::from_nanos)
    }
}

fn missing(at: usize) -> Error {
    Error::Corrupt(format!("column {at} is NULL"))
}

/// Columns namespace, kind, workflow id, run from `at` on.
pub(crate) fn run_key(row: &impl Columns, at: usize) -> Result<RunKey, Error> {
    Ok(RunKey { chain: chain_key(row, at)?, run: run_id(&row.id(at + 3)?)? })
}

/// Columns namespace, kind, workflow id from `at` on.
pub(crate) fn chain_key(row: &impl Columns, at: usize) -> Result<ChainKey, Error> {
    let namespace = namespace_id(&row.id(at)?)?;
    let number = row.int(at + 1)?;
    let kind = u8::try_from(number).ok().and_then(ChainKind::from_number);
    let kind = kind.ok_or_else(|| Error::Corrupt(format!("chain kind {number}")))?;
    Ok(ChainKey { namespace, kind, id: workflow_id(row.text(at + 2)?)? })
}

/// Columns branch, turn, first event, last event, data from `at` on.
pub(crate) fn turn(key: &RunKey, row: &impl Columns, at: usize) -> Result<TurnRow, Error> {
    Ok(TurnRow {
        key: key.clone(),
        branch: BranchId::from_bytes(&row.id(at)?).map_err(|error| Error::Corrupt(format!("branch: {error}")))?,
        turn: row.unsigned(at + 1)?,
        first_event_id: row.int(at + 2)?,
        last_event_id: row.int(at + 3)?,
        data: Bytes::copy_from_slice(row.bytes(at + 4)?),
    })
}

/// Columns namespace, kind, workflow id, run, wake_at, status.
pub(crate) fn wake(row: &impl Columns) -> Result<WakeRow, Error> {
    Ok(WakeRow { key: run_key(row, 0)?, wake_at: row.moment(4)?, status: row.small(5)? })
}

/// Columns owner, epoch, seq.
pub(crate) fn lane(lane: LaneId, row: &impl Columns) -> Result<LaneState, Error> {
    Ok(LaneState { lane, owner: member_id(&row.id(0)?)?, epoch: Epoch::new(row.unsigned(1)?), seq: row.unsigned(2)? })
}

/// Columns id, name, version, data.
pub(crate) fn namespace(row: &impl Columns) -> Result<NamespaceRow, Error> {
    Ok(NamespaceRow {
        id: namespace_id(&row.id(0)?)?,
        name: row.text(1)?.to_owned(),
        version: row.unsigned(2)?,
        data: Bytes::copy_from_slice(row.bytes(3)?),
    })
}

/// Columns id, name, initial failover version, format, created shards, version.
pub(crate) fn cluster(row: &impl Columns) -> Result<ClusterRow, Error> {
    Ok(ClusterRow {
        id: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        initial_failover_version: row.int(2)?,
        format: row.small(3)?,
        created_shards: row.small(4)?,
        version: row.unsigned(5)?,
    })
}

/// Columns member, services, beat, draining (0 or 1), format.
pub(crate) fn member(row: &impl Columns) -> Result<MemberRow, Error> {
    Ok(MemberRow {
        member: member_id(&row.id(0)?)?,
        services: row.text(1)?.to_owned(),
        beat: row.unsigned(2)?,
        draining: row.int(3)? != 0,
        format: row.small(4)?,
    })
}

/// Columns shard, first slot, end of slots, member, lane index, version.
pub(crate) fn shard(row: &impl Columns) -> Result<ShardRow, Error> {
    Ok(ShardRow {
        shard: ShardId::new(row.small(0)?),
        slots: SlotRange { start: row.small(1)?, end: row.small(2)? },
        lane: LaneId { member: member_id(&row.id(3)?)?, index: row.small(4)? },
        version: row.unsigned(5)?,
    })
}

/// Columns namespace, kind, workflow id, run, scheduled event, attempt, stamp, priority, added, expires.
pub(crate) fn task(row: &impl Columns) -> Result<SpilledTask, Error> {
    Ok(SpilledTask {
        key: chain_key(row, 0)?,
        run: run_id(&row.id(3)?)?,
        scheduled_event_id: row.int(4)?,
        attempt: row.small(5)?,
        stamp: row.small(6)?,
        priority: row.small(7)?,
        added: row.moment(8)?,
        expires: row.moment(9)?,
    })
}

/// Columns namespace, kind, name.
pub(crate) fn backlog_key(row: &impl Columns) -> Result<BacklogKey, Error> {
    let queue = TaskQueueName::parse(row.text(2)?).map_err(|error| Error::Corrupt(format!("task queue: {error}")))?;
    let kind = match row.int(1)? {
        1 => TaskQueueKind::Workflow,
        2 => TaskQueueKind::Activity,
        other => return Err(Error::Corrupt(format!("task queue kind {other}"))),
    };
    Ok(BacklogKey { namespace: namespace_id(&row.id(0)?)?, kind, queue })
}

/// The number of a task queue's kind, as [`backlog_key`] reads it.
pub(crate) const fn queue_kind(kind: TaskQueueKind) -> i64 {
    match kind {
        TaskQueueKind::Workflow => 1,
        TaskQueueKind::Activity => 2,
    }
}

pub(crate) fn namespace_id(bytes: &[u8]) -> Result<NamespaceId, Error> {
    NamespaceId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("namespace: {error}")))
}

pub(crate) fn run_id(bytes: &[u8]) -> Result<RunId, Error> {
    RunId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("run: {error}")))
}

pub(crate) fn workflow_id(text: &str) -> Result<WorkflowId, Error> {
    WorkflowId::parse(text).map_err(|error| Error::Corrupt(format!("workflow id: {error}")))
}

fn member_id(bytes: &[u8]) -> Result<MemberId, Error> {
    MemberId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("member: {error}")))
}

/// A number that is never negative, as a column: beyond its range it is the largest.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

//! Every id of the house, as a type of its own: private field, fallible parse, cheap clone.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::slot::SlotId;

/// The longest id that a caller may send, in bytes. Source: Temporal's `limit.maxIDLength`.
pub const MAX_ID_BYTES: usize = 1000;

/// Why a string is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("id is empty")]
    Empty,
    /// Longer than [`MAX_ID_BYTES`].
    #[error("id has {0} bytes, at most {MAX_ID_BYTES} are allowed")]
    TooLong(usize),
    /// A NUL byte cannot be stored by every database.
    #[error("id contains a NUL byte")]
    Nul,
    /// Not a UUID.
    #[error("id is not a UUID")]
    NotUuid,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that was made elsewhere (ids and randomness are handed in).
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Parses the textual form.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.is_empty() {
                    return Err(IdError::Empty);
                }
                Uuid::parse_str(text).map(Self).map_err(|_| IdError::NotUuid)
            }

            /// Reads 16 stored bytes.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| IdError::NotUuid)
            }

            /// The UUID itself.
            pub const fn uuid(&self) -> Uuid {
                self.0
            }

            /// The 16 bytes that are stored.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Accepts 1 to [`MAX_ID_BYTES`] bytes without NUL.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                match text.len() {
                    0 => Err(IdError::Empty),
                    n if n > MAX_ID_BYTES => Err(IdError::TooLong(n)),
                    _ if text.contains('\0') => Err(IdError::Nul),
                    _ => Ok(Self(Arc::from(text))),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($inner);

        impl $name {
            /// Wraps a number.
            pub const fn new(number: $inner) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A namespace, for ever: names can be given anew, ids cannot.
    NamespaceId
);
uuid_id!(
    /// One run of one workflow.
    RunId
);
uuid_id!(
    /// One line of history of a run; a reset forks another.
    BranchId
);
uuid_id!(
    /// One incarnation of a process in the cluster: made at its start, never used again.
    MemberId
);
text_id!(
    /// The id that users give a workflow.
    WorkflowId
);
text_id!(
    /// The name of a task queue, as users know it.
    TaskQueueName
);
number_id!(
    /// A range of slots that one host owns; see [`crate::SlotRange`].
    ShardId,
    u32
);
number_id!(
    /// How often a lane was acquired: the fencing token.
    Epoch,
    u64
);
number_id!(
    /// The number of an event in its run's history, from 1.
    EventId,
    i64
);

/// A commit stream: one writer, one row in the store. Named by the incarnation that made it and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId {
    /// Who made the lane.
    pub member: MemberId,
    /// Which of that member's lanes, from 0.
    pub index: u16,
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.member, self.index)
    }
}

/// What a chain is made of. In every key from the first stored byte, so that kinds share tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ChainKind {
    /// A workflow execution.
    Workflow = 1,
    /// A schedule.
    Schedule = 2,
    /// A stand-alone activity.
    Activity = 3,
    /// A batch operation.
    Batch = 4,
}

impl ChainKind {
    /// Reads the stored number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Workflow),
            2 => Some(Self::Schedule),
            3 => Some(Self::Activity),
            4 => Some(Self::Batch),
            _ => None,
        }
    }

    /// The stored number.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// All runs of one business id: what is serialised, decided together and made unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainKey {
    /// Whose.
    pub namespace: NamespaceId,
    /// Of what kind.
    pub kind: ChainKind,
    /// The business id, as users know it (a workflow id).
    pub id: WorkflowId,
}

impl ChainKey {
    /// A workflow's chain.
    pub const fn workflow(namespace: NamespaceId, id: WorkflowId) -> Self {
        Self { namespace, kind: ChainKind::Workflow, id }
    }

    /// The slot that holds this chain, for ever.
    pub fn slot(&self) -> SlotId {
        SlotId::of(self.namespace, self.id.as_str())
    }
}

impl fmt::Display for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:?}/{}", self.namespace, self.kind, self.id)
    }
}

/// One run of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunKey {
    /// The chain.
    pub chain: ChainKey,
    /// The run.
    pub run: RunId,
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chain, self.run)
    }
}

/// What a task queue hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskQueueKind {
    /// Workflow tasks and queries.
    Workflow,
    /// Activity tasks.
    Activity,
}

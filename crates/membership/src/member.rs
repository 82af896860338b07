//! A member: one incarnation of a process, what it serves, and where the others reach each of its services.

use std::collections::BTreeMap;
use std::fmt;

use model::MemberId;
use persistence::MemberRow;

/// What a process may do in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Serves the public API.
    Frontend,
    /// Owns shards: workflows.
    History,
    /// Owns task queues.
    Matching,
    /// Does internal jobs.
    Worker,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Frontend, Self::History, Self::Matching, Self::Worker];

    /// As configuration, the command line and stored rows name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::History => "history",
            Self::Matching => "matching",
            Self::Worker => "worker",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A process of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// This incarnation.
    pub id: MemberId,
    /// Its roles, and the address of each; empty where nobody calls that role.
    pub services: BTreeMap<Role, String>,
    /// It hands over what it owns and gets nothing new.
    pub draining: bool,
}

impl Member {
    /// Reads a stored row. Roles of a later version are passed over.
    pub fn read(row: &MemberRow) -> Self {
        let services = row.services.split(' ').filter_map(|pair| pair.split_once('='));
        let services = services.filter_map(|(role, address)| Some((Role::parse(role)?, address.to_owned()))).collect();
        Self { id: row.member, services, draining: row.draining }
    }

    /// The services as a row stores them: `history=10.0.0.1:7234 worker=`.
    pub fn services_text(&self) -> String {
        let pairs: Vec<String> = self.services.iter().map(|(role, address)| format!("{role}={address}")).collect();
        pairs.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_as_they_were_written_and_unknown_roles_passed_over() {
        let services = BTreeMap::from([(Role::History, "10.0.0.1:7234".to_owned()), (Role::Worker, String::new())]);
        let member = Member { id: MemberId::new(uuid::Uuid::from_u128(1)), services, draining: true };
        let text = member.services_text();
        assert_eq!(text, "history=10.0.0.1:7234 worker=");
        let row = |services| MemberRow { member: member.id, services, beat: 4, draining: true, format: 1 };
        assert_eq!(Member::read(&row(text.clone())), member);
        assert_eq!(Member::read(&row(format!("{text} archivist=10.0.0.1:1"))), member);
    }
}

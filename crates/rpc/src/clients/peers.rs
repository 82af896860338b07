//! One channel to each member that serves a role.

use std::collections::BTreeMap;

use membership::{Role, View};
use model::MemberId;
use parking_lot::Mutex;
use tonic::transport::Channel;

use crate::remote;

/// Services of one role by member. Incarnations are never used again, so a channel lives as long as its member is seen.
pub(super) struct Peers<T> {
    role: Role,
    make: fn(Channel) -> T,
    known: Mutex<BTreeMap<MemberId, T>>,
}

impl<T: Clone> Peers<T> {
    pub(super) fn new(role: Role, make: fn(Channel) -> T) -> Self {
        Self { role, make, known: Mutex::default() }
    }

    /// The service of a member; nothing where the member is not seen (any more).
    pub(super) fn get(&self, view: &View, member: MemberId) -> Option<T> {
        let mut known = self.known.lock();
        let Some(address) = view.address(member, self.role) else {
            known.remove(&member);
            return None;
        };
        if let Some(service) = known.get(&member) {
            return Some(service.clone());
        }
        match remote::channel(&address) {
            Ok(channel) => {
                let seen = view.sight();
                known.retain(|member, _| seen.members.contains_key(member));
                let service = (self.make)(channel);
                known.insert(member, service.clone());
                Some(service)
            }
            Err(error) => {
                tracing::warn!(%error, %member, "a member cannot be called");
                None
            }
        }
    }
}

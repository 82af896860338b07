//! A map whose copies share what they have in common: a turn works on a copy of its run, and a run may wait for thousands of
//! things, so a copy must not cost thousands of allocations.
//!
//! The common part is never written while somebody shares it: changes go into a small map on top. Once the other copies are
//! gone (a turn is over before its records are folded into the run itself), the changes move down and writes go straight in.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::iter::Peekable;
use std::sync::Arc;

use model::Timestamp;
use prost::Message;
use proto::aevum::persistence::v1 as stored;

/// An ordered map with cheap copies that knows how many bytes its values are when stored.
#[derive(Debug, Clone)]
pub struct SharedMap<K, V> {
    /// Shared between copies.
    common: Arc<BTreeMap<K, V>>,
    /// What this copy has otherwise; `None` removes.
    changed: BTreeMap<K, Option<V>>,
    len: usize,
    bytes: usize,
}

/// What a value weighs when it is stored; nothing, where it is not.
pub trait Weigh {
    /// In bytes.
    fn weight(&self) -> usize {
        0
    }
}

macro_rules! weigh {
    ($($stored:ty),*) => { $(impl Weigh for $stored {
        fn weight(&self) -> usize {
            self.encoded_len()
        }
    })* };
}

weigh!(stored::Activity, stored::Timer, stored::Child, stored::ExternalSignal, stored::ExternalCancel, stored::RequestSeen);

impl Weigh for () {}
impl Weigh for i64 {}
impl Weigh for String {}
impl Weigh for Timestamp {}

impl<K: Ord + Clone, V: Clone + Weigh> SharedMap<K, V> {
    /// How many entries.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of all values when stored.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes in memory, estimated: nodes of eleven places, of which a map that grows at its end fills six, and what the values
    /// point to, which decoded is about twice as large as stored.
    pub(crate) const fn memory(&self) -> usize {
        const PLACES: usize = 11;
        if self.len == 0 {
            return 0;
        }
        (1 + self.len / 6) * PLACES * (size_of::<K>() + size_of::<V>()) + 2 * self.bytes
    }

    /// A value.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.common.get(key),
        }
    }

    /// Whether there is such an entry.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        Merged { common: self.common.iter().peekable(), changed: self.changed.iter().peekable() }
    }

    /// All keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// All entries, as they are stored.
    pub(crate) fn to_map(&self) -> BTreeMap<K, V> {
        self.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Sets an entry; the value that was there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.put(key, Some(value))
    }

    /// Removes an entry; the value that was there.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        if self.contains_key(key) { self.put(key.clone(), None) } else { None }
    }

    /// Changes a value in place; `None` where there is no such entry.
    pub(crate) fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> Option<R> {
        let mut value = self.remove(key)?;
        let result = change(&mut value);
        self.insert(key.clone(), value);
        Some(result)
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn put(&mut self, key: K, value: Option<V>) -> Option<V> {
        let added = value.as_ref().map_or((0, 0), |value| (1, value.weight()));
        let before = if let Some(common) = settled(&mut self.common, &mut self.changed) {
            match value {
                Some(value) => common.insert(key, value),
                None => common.remove(&key),
            }
        } else {
            let common = self.common.get(&key);
            let change =
                if value.is_none() && common.is_none() { self.changed.remove(&key) } else { self.changed.insert(key, value) };
            change.unwrap_or_else(|| common.cloned())
        };
        let removed = before.as_ref().map_or((0, 0), |value| (1, value.weight()));
        self.len = self.len + added.0 - removed.0;
        self.bytes = self.bytes + added.1 - removed.1;
        before
    }
}

/// The common part with all changes in it, where nobody shares it.
fn settled<'a, K: Ord, V>(
    common: &'a mut Arc<BTreeMap<K, V>>,
    changed: &mut BTreeMap<K, Option<V>>,
) -> Option<&'a mut BTreeMap<K, V>> {
    let common = Arc::get_mut(common)?;
    for (key, value) in std::mem::take(changed) {
        match value {
            Some(value) => drop(common.insert(key, value)),
            None => drop(common.remove(&key)),
        }
    }
    Some(common)
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self { common: Arc::default(), changed: BTreeMap::new(), len: 0, bytes: 0 }
    }
}

impl<K: Ord + Clone, V: Clone + Weigh + PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.bytes == other.bytes && self.iter().eq(other.iter())
    }
}

impl<K: Ord + Clone, V: Clone + Weigh> FromIterator<(K, V)> for SharedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let common: BTreeMap<K, V> = entries.into_iter().collect();
        let (len, bytes) = (common.len(), common.values().map(Weigh::weight).sum());
        Self { common: Arc::new(common), changed: BTreeMap::new(), len, bytes }
    }
}

/// Both parts in order, the changes hiding what they change.
struct Merged<'a, K, V> {
    common: Peekable<btree_map::Iter<'a, K, V>>,
    changed: Peekable<btree_map::Iter<'a, K, Option<V>>>,
}

impl<'a, K: Ord, V> Iterator for Merged<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((changed, _)) = self.changed.peek() else { return self.common.next() };
            if let Some(entry) = self.common.next_if(|(key, _)| key < changed) {
                return Some(entry);
            }
            self.common.next_if(|(key, _)| key == changed);
            if let Some((key, Some(value))) = self.changed.next() {
                return Some((key, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Map = SharedMap<i64, stored::Timer>;

    fn timer(of: i64) -> stored::Timer {
        stored::Timer { timer_id: "t".repeat(usize::try_from(of).unwrap_or(0)), ..stored::Timer::default() }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Insert(i64, i64),
        Remove(i64),
        Update(i64, i64),
        Copy,
        DropCopy,
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = 0..6_i64;
        prop_oneof![
            (key.clone(), 1..9_i64).prop_map(|(key, value)| Step::Insert(key, value)),
            key.clone().prop_map(Step::Remove),
            (key, 1..9_i64).prop_map(|(key, value)| Step::Update(key, value)),
            Just(Step::Copy),
            Just(Step::DropCopy),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_map_whoever_shares_it(steps in prop::collection::vec(step(), 0..60)) {
            let (mut map, mut plain) = (Map::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for step in steps {
                match step {
                    Step::Insert(key, value) => prop_assert_eq!(map.insert(key, timer(value)), plain.insert(key, timer(value))),
                    Step::Remove(key) => prop_assert_eq!(map.remove(&key), plain.remove(&key)),
                    Step::Update(key, value) => {
                        let updated = map.update(&key, |of| *of = timer(value)).is_some();
                        prop_assert_eq!(updated, plain.get_mut(&key).map(|of| *of = timer(value)).is_some());
                    }
                    Step::Copy => copies.push((map.clone(), plain.clone())),
                    Step::DropCopy => drop(copies.pop()),
                }
                for (map, plain) in copies.iter().chain([&(map.clone(), plain.clone())]) {
                    prop_assert_eq!(&map.to_map(), plain);
                    prop_assert_eq!(map.len(), plain.len());
                    prop_assert_eq!(map.bytes(), plain.values().map(Message::encoded_len).sum::<usize>());
                    prop_assert!((0..6).all(|key| map.get(&key) == plain.get(&key)));
                    prop_assert_eq!(map, &plain.clone().into_iter().collect::<Map>());
                }
            }
        }
    }

    #[test]
    fn writes_go_straight_in_once_the_copies_are_gone() {
        let mut map: Map = [(1, timer(1)), (2, timer(2))].into_iter().collect();
        let copy = map.clone();
        map.insert(3, timer(3));
        map.remove(&1);
        assert_eq!((map.changed.len(), copy.len()), (2, 2));
        drop(copy);
        map.insert(4, timer(4));
        assert_eq!((map.changed.len(), map.common.len()), (0, 3));
    }
}

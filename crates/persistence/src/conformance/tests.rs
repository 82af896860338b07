//! The memory backend keeps every law, and every law catches its broken store.

use std::collections::HashSet;
use std::sync::Arc;

use super::broken::BrokenStore;
use super::*;
use crate::memory::Memory;

struct Fine {
    memory: Memory,
    shown: Arc<Shown>,
}

#[async_trait]
impl Subject for Fine {
    fn stores(&self) -> Stores {
        self.memory.stores()
    }

    async fn visible(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        Ok(self.shown.rows())
    }

    async fn crash(&mut self) -> Result<(), Error> {
        // Memory has nothing below it that could tear.
        Ok(())
    }
}

struct FreshMemory;

#[async_trait]
impl Fresh for FreshMemory {
    async fn fresh(&self) -> Box<dyn Subject> {
        let shown = Arc::new(Shown::default());
        Box::new(Fine { memory: Memory::new(shown.clone()), shown })
    }
}

#[tokio::test]
async fn memory_backend_keeps_every_law() {
    assert_eq!(check(&FreshMemory).await, Ok(()));
}

#[tokio::test]
async fn each_law_catches_its_broken_store() {
    let mut missed = Vec::new();
    for law in LAWS {
        let mut store = BrokenStore::new(law.flaw);
        if law.hold(&mut store).await.is_ok() {
            missed.push(law.name);
        }
    }
    assert!(missed.is_empty(), "laws that catch nothing: {missed:#?}");
}

#[tokio::test]
async fn a_broken_store_without_flaw_keeps_every_law() {
    for law in LAWS {
        let verdict = law.hold(&mut BrokenStore::new(Flaw::Nothing)).await;
        assert_eq!(verdict, Ok(()), "{}", law.name);
    }
}

#[test]
fn no_two_laws_share_a_name_or_a_flaw() {
    let names: HashSet<_> = LAWS.iter().map(|law| law.name).collect();
    let flaws: HashSet<_> = LAWS.iter().map(|law| law.flaw).collect();
    assert_eq!((names.len(), flaws.len()), (LAWS.len(), LAWS.len()));
}

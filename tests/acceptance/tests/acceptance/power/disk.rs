//! A disk as it may be after a power cut: what was synced is there, of the rest nothing, some sectors, or all.
//!
//! A write is certain once a sync of its file began after the write had ended, and has ended itself. Names follow the journal
//! of the file system: a removed file is gone for certain once anything was synced after it.

use std::collections::BTreeMap;
use std::path::Path;

use acceptance::dice::Dice;

use super::load::Acknowledged;
use super::trace::{Operation, What};

/// What disks write at once.
const SECTOR: usize = 512;

/// What of the unsynced is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// All of it.
    Unsynced,
    /// Some sectors of it.
    SomeSectors,
    /// Nothing: the cache was written in time.
    Nothing,
}

/// One file: what is certain, and what came after, in order.
#[derive(Debug, Default)]
struct File {
    certain: Option<Vec<u8>>,
    pending: Vec<Operation>,
}

/// All files at one moment.
#[derive(Debug)]
pub(super) struct Disk {
    coming: std::vec::IntoIter<Operation>,
    files: BTreeMap<String, File>,
    /// Syncs that have begun, in order.
    syncs: Vec<Operation>,
}

impl Disk {
    pub(super) fn new(operations: Vec<Operation>) -> Self {
        Self { coming: operations.into_iter(), files: BTreeMap::new(), syncs: Vec::new() }
    }

    /// Goes on to this moment.
    pub(super) fn advance(&mut self, moment: i64) {
        while self.coming.as_slice().first().is_some_and(|operation| operation.begin <= moment) {
            let Some(operation) = self.coming.next() else { break };
            match operation.what {
                What::Sync => self.syncs.push(operation),
                _ => self.files.entry(operation.file.clone()).or_default().pending.push(operation),
            }
        }
        let (done, open): (Vec<_>, Vec<_>) = self.syncs.drain(..).partition(|sync| sync.end <= moment);
        self.syncs = open;
        for sync in done {
            for (name, file) in &mut self.files {
                file.settle(&sync, *name == sync.file);
            }
        }
    }

    /// Writes the files as they may be now.
    pub(super) fn rebuild(&self, folder: &Path, loss: Loss, seed: u64) -> std::io::Result<()> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let mut dice = Dice::new(seed);
        for (name, file) in self.files.iter().filter(|(name, _)| !name.is_empty() && !name.ends_with("-shm")) {
            let mut image = file.certain.clone();
            for operation in &file.pending {
                match loss {
                    Loss::Unsynced => {}
                    Loss::Nothing => apply(&mut image, &operation.what, |_| true),
                    Loss::SomeSectors => apply(&mut image, &operation.what, |_| dice.one_in(2)),
                }
            }
            if let Some(image) = image {
                std::fs::write(folder.join(name), image)?;
            }
        }
        Ok(())
    }
}

impl File {
    /// A sync has ended: what had ended before it began is certain now.
    fn settle(&mut self, sync: &Operation, own: bool) {
        if !own {
            // Only the removal of a name, which the journal orders; later writes of the new file stay unsure.
            let removed = |operation: &Operation| matches!(operation.what, What::Unlink) && operation.end <= sync.begin;
            if let Some(last) = self.pending.iter().rposition(removed) {
                self.pending.drain(..=last);
                self.certain = None;
            }
            return;
        }
        let (sure, rest): (Vec<_>, Vec<_>) = self.pending.drain(..).partition(|operation| operation.end <= sync.begin);
        for operation in sure {
            apply(&mut self.certain, &operation.what, |_| true);
        }
        self.pending = rest;
    }
}

/// Applies a call, sector by sector where it is a write.
fn apply(image: &mut Option<Vec<u8>>, what: &What, mut keeps: impl FnMut(usize) -> bool) {
    match what {
        What::Sync => {}
        What::Unlink => {
            if keeps(0) {
                *image = None;
            }
        }
        What::Truncate { length } => {
            if keeps(0) {
                image.get_or_insert_default().resize(*length, 0);
            }
        }
        What::Write { at, data } => {
            let mut from = 0;
            while from < data.len() {
                let until = data.len().min(((at + from) / SECTOR + 1) * SECTOR - at);
                if keeps(at + from) {
                    let image = image.get_or_insert_default();
                    if image.len() < at + until {
                        image.resize(at + until, 0);
                    }
                    image[at + from..at + until].copy_from_slice(&data[from..until]);
                }
                from = until;
            }
        }
    }
}

/// Moments to cut the power at: when a reply had just arrived, and just before a sync had ended.
pub(super) fn moments(acknowledged: &[Acknowledged], operations: &[Operation], ready: i64, wanted: usize) -> Vec<i64> {
    let replies: Vec<i64> = acknowledged.iter().map(|reply| reply.at).collect();
    let syncs: Vec<i64> = operations
        .iter()
        .filter(|operation| matches!(operation.what, What::Sync) && operation.begin > ready)
        .map(|sync| sync.end - 1)
        .collect();
    let spread = |all: &[i64], count: usize| -> Vec<i64> {
        (1..=count).filter_map(|number| all.get((all.len() * number / count).checked_sub(1)?).copied()).collect()
    };
    let mut moments = spread(&replies, wanted * 3 / 4);
    moments.extend(spread(&syncs, wanted - moments.len()));
    // Where nothing is synced, replies alone.
    let missing = wanted.saturating_sub(moments.len());
    moments.extend(spread(&replies, missing));
    moments.sort_unstable();
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(file: &str, begin: i64, what: What) -> Operation {
        Operation { file: file.to_owned(), begin, end: begin + 5, what }
    }

    fn write(begin: i64, at: usize, text: &str) -> Operation {
        call("a", begin, What::Write { at, data: text.into() })
    }

    fn content(operations: &[Operation], moment: i64, loss: Loss) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut disk = Disk::new(operations.to_vec());
        disk.advance(moment);
        disk.rebuild(&folder.path().join("x"), loss, 1).unwrap();
        std::fs::read_to_string(folder.path().join("x/a")).ok()
    }

    #[test]
    fn only_what_was_synced_is_certain() {
        let calls = [write(10, 0, "one"), call("a", 20, What::Sync), write(30, 3, "two"), call("a", 40, What::Sync)];
        for (moment, certain, all) in
            [(15, None, Some("one")), (24, None, Some("one")), (25, Some("one"), Some("one")), (44, Some("one"), Some("onetwo"))]
        {
            assert_eq!(content(&calls, moment, Loss::Unsynced).as_deref(), certain, "{moment}");
            assert_eq!(content(&calls, moment, Loss::Nothing).as_deref(), all, "{moment}");
        }
        assert_eq!(content(&calls, 45, Loss::Unsynced).as_deref(), Some("onetwo"));
    }

    #[test]
    fn a_removed_file_is_gone_once_anything_was_synced() {
        let calls = [write(10, 0, "one"), call("a", 20, What::Sync), call("a", 30, What::Unlink), call("b", 40, What::Sync)];
        assert_eq!(content(&calls, 44, Loss::Unsynced).as_deref(), Some("one"));
        assert_eq!(content(&calls, 45, Loss::Unsynced), None);
    }
}

//! What a disk may hold when the power goes.
//!
//! What was synced is there. Of what was not, anything may be: each 512-byte sector by itself, a file's new length without its bytes or
//! the bytes without a cut, a new name, an old name, both or neither. Bytes beside a write are never harmed: SQLite's VFS claims so
//! (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`) of the file systems that phones and servers have.

use super::recording::{FileNumber, Op, Recording};
use crate::dice::Dice;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: u64 = 512;

/// The files of a state, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// How a disk was when the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nothing was on it but what was synced.
    Bare,
    /// Everything was: only the app was killed.
    Whole,
    /// Each sector had come to some moment of its own.
    Sectors,
    /// Each piece was there, or not, in so many of a hundred cases.
    Pieces(usize),
}

impl Manner {
    /// One by chance.
    fn drawn(dice: &mut Dice) -> Manner {
        match dice.below(10) {
            0 => Manner::Bare,
            1 => Manner::Whole,
            2..5 => Manner::Sectors,
            5..8 => Manner::Pieces(50),
            8 => Manner::Pieces(90),
            _ => Manner::Pieces(10),
        }
    }
    fn keeps(self, dice: &mut Dice) -> bool {
        match self {
            Manner::Bare => false,
            Manner::Whole => true,
            Manner::Sectors => dice.percent(50),
            Manner::Pieces(chance) => dice.percent(chance),
        }
    }
}

#[derive(Clone, Debug)]
enum Pending {
    Write(u64, Arc<[u8]>),
    Truncate(u64),
}

#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
enum Entry {
    Create(FileNumber, String),
    Rename(String, String),
    Remove(String),
}

/// A disk, as it comes to hold what happens.
pub struct Platter {
    files: BTreeMap<FileNumber, File>,
    entries: BTreeMap<String, FileNumber>,
    pending: Vec<Entry>,
}

impl Platter {
    /// The disk at the beginning of a recording.
    pub fn of(recording: &Recording) -> Platter {
        let (mut files, mut entries) = (BTreeMap::new(), BTreeMap::new());
        for (number, (name, content)) in recording.base.iter().enumerate() {
            files.insert(number, File { durable: content.clone(), pending: Vec::new() });
            entries.insert(name.clone(), number);
        }
        Platter { files, entries, pending: Vec::new() }
    }
    /// One thing more happens.
    pub fn take(&mut self, op: &Op) {
        match op {
            Op::Create(number, name) => {
                self.files.insert(*number, File::default());
                self.pending.push(Entry::Create(*number, name.clone()));
            }
            Op::Rename(from, to) => self.pending.push(Entry::Rename(from.clone(), to.clone())),
            Op::Remove(name) => self.pending.push(Entry::Remove(name.clone())),
            Op::Write(number, at, bytes) => {
                self.files.entry(*number).or_default().pending.push(Pending::Write(*at, Arc::clone(bytes)));
            }
            Op::Truncate(number, length) => {
                self.files.entry(*number).or_default().pending.push(Pending::Truncate(*length));
            }
            Op::Sync(number) => self.files.entry(*number).or_default().sync(),
            Op::SyncFolder => {
                let pending = std::mem::take(&mut self.pending);
                pending.into_iter().for_each(|entry| apply(&mut self.entries, entry));
            }
            Op::Nothing => {}
        }
    }
    /// What is left if the power goes now and the disk was of that manner.
    pub fn cut(&self, manner: Manner, dice: &mut Dice) -> Files {
        let mut entries = self.entries.clone();
        for entry in &self.pending {
            if manner.keeps(dice) {
                apply(&mut entries, entry.clone());
            }
        }
        let left = |(name, number): (String, FileNumber)| Some((name, self.files.get(&number)?.cut(manner, dice)));
        entries.into_iter().filter_map(left).collect()
    }
    /// The same, of a manner by chance.
    pub fn cut_by_chance(&self, dice: &mut Dice) -> (Manner, Files) {
        let manner = Manner::drawn(dice);
        (manner, self.cut(manner, dice))
    }
}

fn apply(entries: &mut BTreeMap<String, FileNumber>, entry: Entry) {
    match entry {
        Entry::Create(number, name) => drop(entries.insert(name, number)),
        Entry::Rename(from, to) => {
            if let Some(number) = entries.remove(&from) {
                entries.insert(to, number);
            }
        }
        Entry::Remove(name) => drop(entries.remove(&name)),
    }
}

impl File {
    fn sync(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Write(at, bytes) => put(&mut self.durable, at, &bytes),
                Pending::Truncate(length) => self.durable.resize(length as usize, 0),
            }
        }
    }
    fn cut(&self, manner: Manner, dice: &mut Dice) -> Vec<u8> {
        let mut content = self.durable.clone();
        let mut moments = self.moments(manner, dice);
        for pending in &self.pending {
            match pending {
                Pending::Truncate(length) if manner.keeps(dice) => content.resize(*length as usize, 0),
                Pending::Truncate(_) => {}
                Pending::Write(at, bytes) => {
                    for (at, piece) in pieces(*at, bytes) {
                        let keeps = match moments.get_mut(&(at / SECTOR_BYTES)) {
                            Some(left) => {
                                let keeps = *left > 0;
                                *left = left.saturating_sub(1);
                                keeps
                            }
                            None => manner.keeps(dice),
                        };
                        if keeps {
                            put(&mut content, at, piece);
                        }
                    }
                }
            }
        }
        // A length that was recorded before the bytes were: they read as zeros.
        if !matches!(manner, Manner::Bare | Manner::Whole) && dice.percent(25) {
            let length = self.pending.iter().map(Pending::end).max().unwrap_or_default();
            content.resize(content.len().max(length as usize), 0);
        }
        content
    }
    /// For [`Manner::Sectors`]: how many of the pieces that a sector was to take it had taken.
    fn moments(&self, manner: Manner, dice: &mut Dice) -> BTreeMap<u64, usize> {
        let mut moments = BTreeMap::new();
        if manner == Manner::Sectors {
            for pending in &self.pending {
                let Pending::Write(at, bytes) = pending else { continue };
                pieces(*at, bytes).for_each(|(at, _)| *moments.entry(at / SECTOR_BYTES).or_default() += 1);
            }
            moments.values_mut().for_each(|count| *count = dice.between(0, *count));
        }
        moments
    }
}

impl Pending {
    fn end(&self) -> u64 {
        match self {
            Pending::Write(at, bytes) => at + bytes.len() as u64,
            Pending::Truncate(_) => 0,
        }
    }
}

/// A write, cut where sectors end.
fn pieces(at: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let (mut at, mut left) = (at, bytes);
    std::iter::from_fn(move || {
        let length = left.len().min((SECTOR_BYTES - at % SECTOR_BYTES) as usize);
        let (piece, rest) = left.split_at_checked(length).filter(|(piece, _)| !piece.is_empty())?;
        let begin = at;
        (at, left) = (at + length as u64, rest);
        Some((begin, piece))
    })
}

fn put(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let at = at as usize;
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: FileNumber, at: u64, letter: u8, count: usize) -> Op {
        Op::Write(number, at, vec![letter; count].into())
    }

    #[test]
    fn a_write_is_cut_where_sectors_end() {
        let bytes = [7; 1100];
        let cut: Vec<_> = pieces(500, &bytes).map(|(at, piece)| (at, piece.len())).collect();
        assert_eq!(cut, [(500, 12), (512, 512), (1024, 512), (1536, 64)]);
    }

    #[test]
    fn what_was_synced_is_there_and_what_was_not_may_be_torn() {
        let recording = Recording { base: vec![(String::new(), vec![b'a'; 1024])], ops: Vec::new() };
        let mut platter = Platter::of(&recording);
        platter.take(&written(0, 0, b'b', 1024));
        platter.take(&Op::Sync(0));
        platter.take(&written(0, 0, b'c', 1024));
        let (mut dice, mut torn_count) = (Dice::new(1), 0);
        for _ in 0..100 {
            let (_, files) = platter.cut_by_chance(&mut dice);
            let content = &files[""];
            assert!(content.iter().all(|letter| matches!(letter, b'b' | b'c')), "older than the last sync");
            assert!(
                content.chunks(512).all(|sector| sector.iter().all(|letter| *letter == sector[0])),
                "half a sector"
            );
            torn_count += usize::from(content[0] != content[512]);
        }
        assert!(torn_count > 10, "{torn_count}");
    }

    #[test]
    fn names_come_and_go_with_the_folders_sync() {
        let mut platter = Platter::of(&Recording::default());
        platter.take(&Op::Create(0, "-wal".to_owned()));
        platter.take(&written(0, 0, b'a', 10));
        platter.take(&Op::Sync(0));
        assert!(platter.cut(Manner::Bare, &mut Dice::new(1)).is_empty(), "a file's sync is not its folder's");
        platter.take(&Op::SyncFolder);
        platter.take(&Op::Remove("-wal".to_owned()));
        assert_eq!(platter.cut(Manner::Bare, &mut Dice::new(1))["-wal"], [b'a'; 10], "the deletion was lost");
        assert!(platter.cut(Manner::Whole, &mut Dice::new(1)).is_empty());
    }
}

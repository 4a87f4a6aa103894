//! What happens to files.

use std::path::Path;
use zoufang_tests::dice::Dice;
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::power_cut::states::Files;

/// The log beside a database.
pub(crate) const LOG: &str = "-wal";
/// Length of the log's own header and of that of one of its frames.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// One thing that happens to the files of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// One bit of a file is another.
    Flip { name: &'static str, at: usize, bit: u8 },
    /// A page of the database is zero.
    Zeros { page: usize },
    /// Bytes of a file are noise.
    Noise { name: &'static str, at: usize, length: usize, seed: u64 },
    /// A page of the database is written in the place of another.
    Misplaced { from: usize, to: usize },
    /// A file is cut off.
    Cut { name: &'static str, length: usize },
    /// A file is gone.
    Gone { name: &'static str },
    /// A file is that of an earlier copy.
    Older { name: &'static str },
    /// Both files are.
    OlderBoth,
    /// The log is that of another database.
    OthersLog,
    /// The database is a file of another program.
    Foreign,
    /// The key in the vault is another.
    WrongKey,
    /// There is none.
    NoKey,
}

/// What there is to take from.
pub(crate) struct Source {
    /// The files before the damage.
    pub(crate) files: Files,
    /// The same database earlier, with the log that it had.
    pub(crate) older: Files,
    /// Another database's.
    pub(crate) other: Files,
    pub(crate) page_bytes: usize,
    /// Whether there is a key.
    pub(crate) is_keyed: bool,
}

impl Source {
    fn length(&self, name: &str) -> usize {
        self.files.get(name).map_or(0, Vec::len)
    }
    /// A mutation by chance.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Mutation {
        let pages_count = self.length("") / self.page_bytes;
        let name = if dice.percent(70) { "" } else { LOG };
        // The first page is the only one that every start reads: a fifth of what hits a page hits it.
        let place = |dice: &mut Dice| match name {
            "" if dice.percent(20) => dice.below(self.page_bytes),
            name => dice.below(self.length(name)),
        };
        let page = |dice: &mut Dice| if dice.percent(20) { 0 } else { dice.below(pages_count) };
        match dice.below(if self.is_keyed { 100 } else { 94 }) {
            0..32 => Mutation::Flip { name, at: place(dice), bit: dice.below(8) as u8 },
            32..44 => Mutation::Zeros { page: page(dice) },
            44..52 => {
                let (at, length) = (place(dice), dice.between(1, 2 * self.page_bytes));
                Mutation::Noise { name, at, length, seed: dice.bits() }
            }
            52..58 => Mutation::Misplaced { from: dice.below(pages_count), to: page(dice) },
            58..70 => {
                let length = if dice.percent(10) { dice.below(100) } else { dice.below(self.length(name)) };
                Mutation::Cut { name, length }
            }
            70..76 => Mutation::Gone { name: LOG },
            76..79 => Mutation::Gone { name: "" },
            79..82 => Mutation::Older { name: "" },
            82..85 => Mutation::Older { name: LOG },
            85..88 => Mutation::OlderBoth,
            88..92 => Mutation::OthersLog,
            92..94 => Mutation::Foreign,
            94..98 => Mutation::WrongKey,
            _ => Mutation::NoKey,
        }
    }
    /// The files afterwards.
    pub(crate) fn after(&self, mutation: &Mutation) -> Files {
        let mut files = self.files.clone();
        let page_bytes = self.page_bytes;
        let page = |number: usize| number * page_bytes..(number + 1) * page_bytes;
        let mut file = |name: &str, act: &mut dyn FnMut(&mut Vec<u8>)| act(files.get_mut(name).unwrap());
        match mutation {
            Mutation::Flip { name, at, bit } => file(name, &mut |bytes| bytes[*at] ^= 1 << bit),
            Mutation::Zeros { page: number } => file("", &mut |bytes| bytes[page(*number)].fill(0)),
            Mutation::Noise { name, at, length, seed } => file(name, &mut |bytes| {
                let end = (at + length).min(bytes.len());
                Dice::new(*seed).fill(&mut bytes[*at..end]);
            }),
            Mutation::Misplaced { from, to } => file("", &mut |bytes| bytes.copy_within(page(*from), to * page_bytes)),
            Mutation::Cut { name, length } => file(name, &mut |bytes| bytes.truncate(*length)),
            Mutation::Gone { name } => drop(files.remove(*name)),
            Mutation::Older { name } => drop(files.insert((*name).to_owned(), self.older[*name].clone())),
            Mutation::OlderBoth => files = self.older.clone(),
            Mutation::OthersLog => drop(files.insert(LOG.to_owned(), self.other[LOG].clone())),
            Mutation::Foreign => {
                drop(files.insert(String::new(), b"<html>\xe7\x99\xbb\xe5\xbd\x95</html>".repeat(2_000)))
            }
            Mutation::WrongKey | Mutation::NoKey => {}
        }
        files
    }
}

impl Mutation {
    /// Whether the file is as somebody once wrote it: then SQLite cannot know better.
    pub(crate) fn is_a_swap(&self) -> bool {
        matches!(self, Mutation::Older { .. } | Mutation::OlderBoth | Mutation::OthersLog)
    }
    /// Whether the log is another than it was.
    pub(crate) fn touches_log(&self) -> bool {
        match self {
            Mutation::Flip { name, .. }
            | Mutation::Noise { name, .. }
            | Mutation::Cut { name, .. }
            | Mutation::Gone { name }
            | Mutation::Older { name } => *name == LOG,
            Mutation::OlderBoth | Mutation::OthersLog => true,
            _ => false,
        }
    }
    /// How many pages of the database it hits at most, when it hits nothing else.
    pub(crate) fn pages_hit_count(&self) -> Option<usize> {
        match self {
            Mutation::Flip { name: "", .. } | Mutation::Zeros { .. } | Mutation::Misplaced { .. } => Some(1),
            Mutation::Noise { name: "", .. } => Some(3),
            _ => None,
        }
    }
    /// Its kind, for counting.
    pub(crate) fn kind(&self) -> String {
        let words = format!("{self:?}");
        let kind = words.split([' ', '{']).next().unwrap_or_default().to_owned();
        match self {
            Mutation::Flip { name, .. }
            | Mutation::Noise { name, .. }
            | Mutation::Cut { name, .. }
            | Mutation::Gone { name }
            | Mutation::Older { name } => format!("{kind} {}", if name.is_empty() { "main" } else { "log" }),
            _ => kind,
        }
    }
}

/// The database and its log at that path.
pub(crate) fn read(path: &Path) -> Files {
    let file = |name: &str| Some((name.to_owned(), std::fs::read(beside(path, name)).ok()?));
    ["", LOG].into_iter().filter_map(file).collect()
}

/// Puts them there.
pub(crate) fn write(path: &Path, files: &Files) {
    for (name, content) in files {
        std::fs::write(beside(path, name), content).unwrap();
    }
}

/// The log as it was after each of its transactions, from none on: only what was written last can be missing from it.
pub(crate) fn logs(log: &[u8], page_bytes: usize) -> Vec<Vec<u8>> {
    let frame_bytes = FRAME_HEADER_BYTES + page_bytes;
    let ends = (LOG_HEADER_BYTES..).step_by(frame_bytes).take_while(|at| at + frame_bytes <= log.len());
    // The size of the database after the transaction, 0 in all its frames but the last.
    let commits = ends.filter(|at| log[at + 4..at + 8] != [0; 4]).map(|at| log[..at + frame_bytes].to_vec());
    std::iter::once(Vec::new()).chain(commits).collect()
}

#[test]
fn every_mutation_alters_the_files_and_a_seed_makes_it_again() {
    let long = |byte: u8| vec![byte; 64 * 1024];
    let files = |first: u8| Files::from([(String::new(), long(first)), (LOG.to_owned(), long(first + 1))]);
    let mut source = Source { files: files(1), older: files(3), other: files(5), page_bytes: 4096, is_keyed: true };
    // Pages that differ, so that a misplaced one is seen.
    source.files.get_mut("").unwrap().chunks_mut(4096).enumerate().for_each(|(at, page)| page[9] = at as u8);
    let mut kinds = std::collections::BTreeSet::new();
    for at in 0..2_000 {
        let draw = || source.draw(&mut Dice::of(7, at));
        let mutation = draw();
        assert_eq!(mutation, draw());
        let is_same = source.after(&mutation) == source.files;
        let may_be_same = matches!(&mutation, Mutation::WrongKey | Mutation::NoKey)
            || matches!(&mutation, Mutation::Misplaced { from, to } if from == to);
        assert_eq!(is_same, may_be_same, "{mutation:?}");
        kinds.insert(mutation.kind());
    }
    assert_eq!(kinds.len(), 17, "{kinds:?}");
}

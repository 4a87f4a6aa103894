//! What happened to the files of one database, in order, by however many connections.
//!
//! Two things that a program does beside SQLite are seen when SQLite next opens the file: that a file was made empty, and that it was
//! renamed. A rename is taken to be followed by a sync of the folder, as the core does when it founds a database.

use super::vfs::{self, Disk, Event, Refusal, Watch};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The log beside a database.
const LOG: &str = "-wal";
/// Length of the log's own header and of that of one of its frames.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// A file, whatever it is called at the moment.
pub type FileNumber = usize;

/// One thing that happened. Names are what follows the database's path: nothing, `-wal`, `-journal` …
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A file appeared in the folder, empty.
    Create(FileNumber, String),
    /// A file got another name.
    Rename(String, String),
    /// A name left the folder.
    Remove(String),
    /// Bytes were written at a place.
    Write(FileNumber, u64, Arc<[u8]>),
    /// The length changed.
    Truncate(FileNumber, u64),
    /// What was written is durable.
    Sync(FileNumber),
    /// What appeared, left or was renamed is durable.
    SyncFolder,
    /// A sync that a control leaves out.
    Nothing,
}

/// Everything from a moment on at which the disk held all of it.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The files at the beginning: their names and contents, numbered from 0.
    pub base: Vec<(String, Vec<u8>)>,
    /// What happened then.
    pub ops: Vec<Op>,
}

impl Recording {
    /// The names that each file had.
    fn names(&self) -> BTreeMap<FileNumber, &str> {
        let mut names: BTreeMap<_, _> =
            self.base.iter().enumerate().map(|(number, (name, _))| (number, name.as_str())).collect();
        for op in &self.ops {
            match op {
                Op::Create(number, name) => drop(names.insert(*number, name)),
                Op::Rename(from, to) => names.values_mut().filter(|name| **name == from).for_each(|name| *name = to),
                _ => {}
            }
        }
        names
    }
    /// After how many operations each transaction of the log was written whole, synced or not.
    pub fn commits(&self) -> Vec<usize> {
        let names = self.names();
        let (mut commits, mut ends_transaction) = (Vec::new(), false);
        for (at, op) in self.ops.iter().enumerate() {
            let Op::Write(number, place, bytes) = op else { continue };
            if names[number] != LOG || (*place == 0 && bytes.len() == LOG_HEADER_BYTES) {
                continue;
            }
            if bytes.len() == FRAME_HEADER_BYTES {
                // The size of the database after the transaction, 0 in all its frames but the last.
                ends_transaction = bytes[4..8] != [0; 4];
            } else if std::mem::take(&mut ends_transaction) {
                commits.push(at + 1);
            }
        }
        commits
    }
    /// The same as `synchronous=NORMAL` would have had it: the log is synced for its header and before pages move from it into the
    /// database, and not for a commit. Everything else, and every position, stays.
    pub fn as_if_normal(&self) -> Recording {
        let names = self.names();
        let is_log = |number: &FileNumber| names[number] == LOG;
        let mut normal = self.clone();
        let mut header_is_new = false;
        for at in 0..self.ops.len() {
            match &self.ops[at] {
                Op::Write(number, place, bytes) if is_log(number) => {
                    header_is_new = *place == 0 && bytes.len() == LOG_HEADER_BYTES;
                }
                Op::Sync(number) if is_log(number) && !std::mem::take(&mut header_is_new) => {
                    let next = self.ops[at + 1..].iter().find(|op| matches!(op, Op::Write(..)));
                    let moves_pages = matches!(next, Some(Op::Write(number, ..)) if !is_log(number));
                    if !moves_pages {
                        normal.ops[at] = Op::Nothing;
                    }
                }
                _ => {}
            }
        }
        normal
    }
    /// The same as if the folder had never been synced.
    pub fn without_folder_syncs(&self) -> Recording {
        self.without(|op| matches!(op, Op::SyncFolder))
    }
    /// The same as if the database itself had never been synced: pages move into it and the log is emptied without a wait in between.
    pub fn without_database_syncs(&self) -> Recording {
        let names = self.names();
        self.without(|op| matches!(op, Op::Sync(number) if names[number].is_empty()))
    }
    fn without(&self, is_left_out: impl Fn(&Op) -> bool) -> Recording {
        let mut less = self.clone();
        less.ops.iter_mut().filter(|op| is_left_out(op)).for_each(|op| *op = Op::Nothing);
        less
    }
    /// How often the log was begun anew over what it held.
    pub fn log_restarts_count(&self) -> usize {
        let names = self.names();
        let is_header = |op: &&Op| matches!(op, Op::Write(number, 0, bytes) if names[number] == LOG && bytes.len() == LOG_HEADER_BYTES);
        self.ops.iter().filter(is_header).count()
    }
}

/// Records the files of a database until it is finished.
pub struct Recorder {
    tape: Arc<Tape>,
    _watch: Watch,
}

struct Tape {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    recording: Recording,
    /// The files by their names now, with what tells one from another.
    known: BTreeMap<String, (FileNumber, u64)>,
    files_count: usize,
    /// The first thing that this recorder could not follow.
    trouble: Option<String>,
}

impl Recorder {
    /// Begins to record the database of that path, in a folder that exists. What its files hold now counts as durable.
    ///
    /// # Panics
    /// When a file does not read.
    pub fn start(path: &Path) -> Recorder {
        let mut state = State::default();
        for name in ["", LOG] {
            let file = beside(path, name);
            if let Ok(about) = std::fs::metadata(&file) {
                let content = std::fs::read(&file).expect("the file reads");
                state.known.insert(name.to_owned(), (state.files_count, about.ino()));
                state.recording.base.push((name.to_owned(), content));
                state.files_count += 1;
            }
        }
        let tape = Arc::new(Tape { path: path.to_owned(), state: Mutex::new(state) });
        let watch = vfs::watch(path, Arc::clone(&tape) as Arc<dyn Disk>);
        Recorder { tape, _watch: watch }
    }
    /// How much has happened by now.
    pub fn position(&self) -> usize {
        self.tape.state().recording.ops.len()
    }
    /// How often the log was begun anew by now.
    pub fn log_restarts_count(&self) -> usize {
        self.tape.state().recording.log_restarts_count()
    }
    /// Ends it.
    ///
    /// # Panics
    /// When something happened behind SQLite's back that cannot be recorded.
    pub fn finish(&self) -> Recording {
        let mut state = self.tape.state();
        assert_eq!(state.trouble, None);
        std::mem::take(&mut state.recording)
    }
}

impl Tape {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for Tape {
    fn event(&self, path: &str, event: Event<'_>) -> Result<(), Refusal> {
        let Some(name) = self.path.to_str().and_then(|begin| path.strip_prefix(begin)) else { return Ok(()) };
        let mut state = self.state();
        match event {
            Event::Open | Event::Read => {}
            Event::Opened => state.opened(&self.path, name),
            Event::Write { at, bytes } => state.on_file(name, |number| Op::Write(number, at, bytes.into())),
            Event::Truncate { length } => state.on_file(name, |number| Op::Truncate(number, length)),
            Event::Sync { with_folder } => {
                state.on_file(name, Op::Sync);
                state.sync_folder(with_folder);
            }
            Event::Remove { with_folder } => {
                if state.known.remove(name).is_some() {
                    state.recording.ops.push(Op::Remove(name.to_owned()));
                }
                state.sync_folder(with_folder);
            }
        }
        Ok(())
    }
}

impl State {
    fn on_file(&mut self, name: &str, op: impl FnOnce(FileNumber) -> Op) {
        match self.known.get(name) {
            Some((number, _)) => self.recording.ops.push(op(*number)),
            None => self.note_trouble(format!("'{name}' is not known")),
        }
    }
    fn sync_folder(&mut self, syncs: bool) {
        if syncs {
            self.recording.ops.push(Op::SyncFolder);
        }
    }
    fn opened(&mut self, path: &Path, name: &str) {
        let about = match std::fs::metadata(beside(path, name)) {
            Ok(about) => about,
            Err(error) => return self.note_trouble(format!("'{name}': {error}")),
        };
        if self.known.get(name).is_some_and(|(_, inode)| *inode == about.ino()) {
            return;
        }
        let before =
            self.known.iter().find(|(other, (_, inode))| *inode == about.ino() && !beside(path, other).exists());
        if let Some((from, file)) = before.map(|(from, file)| (from.clone(), *file)) {
            self.known.remove(&from);
            self.known.insert(name.to_owned(), file);
            self.recording.ops.extend([Op::Rename(from, name.to_owned()), Op::SyncFolder]);
        } else if about.len() == 0 {
            self.known.insert(name.to_owned(), (self.files_count, about.ino()));
            self.recording.ops.push(Op::Create(self.files_count, name.to_owned()));
            self.files_count += 1;
        } else {
            self.note_trouble(format!("'{name}' was written by somebody else"));
        }
    }
    fn note_trouble(&mut self, what: String) {
        self.trouble.get_or_insert(what);
    }
}

/// The path with `name` appended, as SQLite names what it keeps beside a database.
pub fn beside(path: &Path, name: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(name);
    PathBuf::from(whole)
}

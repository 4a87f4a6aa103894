//! States of a recording by seed, each laid down in a folder of its own and judged.
//!
//! `POWER_CUT_STATES` in the environment says how many states all trials together make (5,000 if not said), `POWER_CUT_SEED` another
//! seed, and `POWER_CUT_REPLAY=trial:position:variant`, as a failure prints it, makes that one state alone.

use super::recording::{Recording, beside};
use super::states::{Files, Manner, Platter};
use crate::dice::Dice;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// States that all trials make if nobody says otherwise.
pub const STATES_COUNT: usize = 5_000;
/// The seed if nobody says otherwise.
pub const SEED: u64 = 20_261_124;
/// The name of the database in each state's folder.
const DATABASE: &str = "state.db";

/// What is wrong with a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something that was promised is not there.
    Lost(String),
    /// The database does not open, is not whole, or holds what never was.
    Broken(String),
}

/// One state, laid down.
pub struct Cut<'c> {
    /// After how many operations the power went.
    pub at: usize,
    /// Which of the states of that moment it is.
    pub variant: usize,
    /// The database file.
    pub path: &'c Path,
    /// Whether there is one.
    pub has_database: bool,
}

/// What became of the states of a trial.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// States made.
    pub states_count: usize,
    /// Of these, states that lost something promised, with the first that did.
    pub lost_count: usize,
    /// The others that were not as they should be.
    pub broken_count: usize,
    /// The first few of both.
    pub examples: Vec<String>,
}

/// A trial.
pub struct Trial<'t> {
    /// Its name, for a replay.
    pub name: &'static str,
    /// What happened.
    pub recording: &'t Recording,
    /// Its part of all states, in percent.
    pub share_percent: usize,
}

/// Failures that are told in full.
const EXAMPLES_MAX_COUNT: usize = 5;

impl Trial<'_> {
    /// Makes the states and has each judged.
    ///
    /// # Panics
    /// When a state cannot be laid down.
    pub fn run(&self, judge: impl Fn(&Cut<'_>) -> Result<(), Fault>) -> Tally {
        let (seed, total) = (number("POWER_CUT_SEED", SEED), number("POWER_CUT_STATES", STATES_COUNT as u64) as usize);
        let replay = replayed(self.name);
        let folder = folder();
        let (moments, states) = (self.recording.ops.len() + 1, (total * self.share_percent / 100).max(1));
        let mut platter = Platter::of(self.recording);
        let mut tally = Tally::default();
        for at in 0..moments {
            if at > 0 {
                platter.take(&self.recording.ops[at - 1]);
            }
            let variants = match replay {
                None => 0..states * (at + 1) / moments - states * at / moments,
                Some((wanted, variant)) if wanted == at => variant..variant + 1,
                Some(_) => 0..0,
            };
            for variant in variants {
                let mut dice = Dice::of(seed, ((at as u64) << 32) | variant as u64);
                let (manner, files) = platter.cut_by_chance(&mut dice);
                let verdict = lay_down(folder.path(), &files, at, variant, &judge);
                tally.states_count += 1;
                if let Err(fault) = verdict {
                    self.note(&mut tally, &fault, (seed, at, variant, manner), &files);
                }
            }
        }
        tally
    }
    /// One state in which everything written by then is there, as after a kill: what was committed by then.
    ///
    /// # Panics
    /// When it cannot be laid down.
    pub fn whole<T>(&self, at: usize, look: impl FnOnce(&Cut<'_>) -> T) -> T {
        let folder = folder();
        let mut platter = Platter::of(self.recording);
        self.recording.ops[..at].iter().for_each(|op| platter.take(op));
        let files = platter.cut(Manner::Whole, &mut Dice::new(0));
        let path = written(folder.path(), &files);
        look(&Cut { at, variant: 0, path: &path, has_database: files.contains_key("") })
    }
    fn note(&self, tally: &mut Tally, fault: &Fault, which: (u64, usize, usize, Manner), files: &Files) {
        let (seed, at, variant, manner) = which;
        let what = match fault {
            Fault::Lost(what) => {
                tally.lost_count += 1;
                format!("lost: {what}")
            }
            Fault::Broken(what) => {
                tally.broken_count += 1;
                format!("broken: {what}")
            }
        };
        if tally.examples.len() < EXAMPLES_MAX_COUNT {
            let name = self.name;
            let sizes: Vec<_> = files.iter().map(|(file, content)| format!("'{file}' {}", content.len())).collect();
            let last: Vec<_> = self.recording.ops[at.saturating_sub(3)..at].iter().map(brief).collect();
            tally.examples.push(format!(
                "{what}\n    {manner:?} after {at} of {} operations, the last {}; files: {}\n    again: POWER_CUT_SEED={seed} \
                 POWER_CUT_REPLAY={name}:{at}:{variant} cargo test -p zoufang-tests --test {}",
                self.recording.ops.len(),
                last.join(", "),
                sizes.join(", "),
                test_binary(),
            ));
        }
    }
}

impl Tally {
    /// Holds a trial to losing and breaking nothing.
    ///
    /// # Panics
    /// With the first failures and how to see them again.
    pub fn must_be_clean(&self, name: &str) {
        assert!(
            self.lost_count + self.broken_count == 0,
            "{name}: of {} states {} lost a promise and {} were broken\n  {}",
            self.states_count,
            self.lost_count,
            self.broken_count,
            self.examples.join("\n  ")
        );
    }
}

/// The name of the test that runs, as cargo knows it: its file has a hash behind it.
fn test_binary() -> String {
    let own = std::env::current_exe().unwrap_or_default();
    let name = own.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    name.rsplit_once('-').map_or(name.clone(), |(name, _)| name.to_owned())
}

fn brief(op: &super::recording::Op) -> String {
    use super::recording::Op;
    match op {
        Op::Write(number, at, bytes) => format!("Write({number}, {at}, {} bytes)", bytes.len()),
        other => format!("{other:?}"),
    }
}

fn lay_down(
    folder: &Path,
    files: &Files,
    at: usize,
    variant: usize,
    judge: &impl Fn(&Cut<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let own = folder.join(format!("{at}-{variant}"));
    std::fs::create_dir(&own).expect("a folder for the state");
    let path = written(&own, files);
    let cut = Cut { at, variant, path: &path, has_database: files.contains_key("") };
    let verdict = catch_unwind(AssertUnwindSafe(|| judge(&cut)))
        .unwrap_or_else(|panic| Err(Fault::Broken(format!("a panic: {}", text_of(panic.as_ref())))));
    std::fs::remove_dir_all(&own).expect("the state can be removed");
    verdict
}

/// A folder for states: in memory where there is such a place, for they are laid down, opened once and gone.
pub fn folder() -> tempfile::TempDir {
    let in_memory = Path::new("/dev/shm");
    match tempfile::tempdir_in(in_memory) {
        Ok(folder) => folder,
        Err(_) => tempfile::tempdir().expect("a folder"),
    }
}

fn written(folder: &Path, files: &Files) -> PathBuf {
    let path = folder.join(DATABASE);
    for (name, content) in files {
        std::fs::write(beside(&path, name), content).expect("the state is written");
    }
    path
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
        Err(_) => otherwise,
    }
}

/// The moment and variant that the environment asks of this trial; of another trial, a moment that never comes.
fn replayed(trial: &str) -> Option<(usize, usize)> {
    let text = std::env::var("POWER_CUT_REPLAY").ok()?;
    let mut parts = text.split(':');
    let (Some(name), Some(at), Some(variant), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        panic!("POWER_CUT_REPLAY is trial:position:variant, not {text}");
    };
    let count = |part: &str| part.parse().unwrap_or_else(|_| panic!("not a number in POWER_CUT_REPLAY: {part}"));
    Some(if name == trial { (count(at), count(variant)) } else { (usize::MAX, 0) })
}

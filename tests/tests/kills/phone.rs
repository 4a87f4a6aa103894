//! The phone's process ends at every operation of its disk in turn: what it had said to be saved is there, of the call that was running all
//! or nothing, and work goes on.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use tokio::runtime::Runtime;
use zoufang_core::ports::{FileKeyVault, KeyVault};
use zoufang_core::store::open::KEY_NAME;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::content::{Content, check_file, content_of};
use zoufang_tests::kills::killing::Moment;
use zoufang_tests::kills::saver;
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::world::{Handset, World, all_homes};

const SIGKILL: i32 = 9;
/// More operations than the story has.
const OPERATIONS_MAX_COUNT: u64 = 2_000;
/// Of so many states one is synced to its end.
const SYNCED_EVERY_COUNT: u64 = 8;

/// A phone before its story, and what its file holds after each call of it.
struct Story {
    handset: Handset,
    contents: Vec<Content>,
    runtime: Runtime,
    _world: World,
}

impl Story {
    fn new() -> Story {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = World::new(57);
        let area = world.micro_grid("测试微网格", 4);
        let handset = runtime.block_on(world.managers_phone("测试甲", area));
        handset.core().pause().unwrap();
        let mut story = Story { handset, contents: Vec::new(), runtime, _world: world };
        let folder = story.laid_down();
        let path = folder.path().join("phone.db");
        let phone = saver::open(&path).unwrap();
        let mut contents = vec![content_of(&phone, &path).unwrap()];
        saver::work(&phone, |_| contents.push(content_of(&phone, &path).unwrap())).unwrap();
        story.contents = contents;
        story
    }
    /// Its file and its key in a folder.
    fn laid_down(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(self.handset.path(), folder.path().join("phone.db")).unwrap();
        let key = self.handset.vault().fetch(KEY_NAME).unwrap().unwrap();
        FileKeyVault::new(folder.path()).store(KEY_NAME, &key).unwrap();
        folder
    }
    /// What is left after a kill, when so many calls had returned.
    fn judge(&self, path: &Path, returned_count: usize, syncs: bool) -> Result<(), String> {
        let phone = self.handset.start_at(path).map_err(|error| format!("it does not open: {error:?}"))?;
        check_file(&phone, path).map_err(|fault| format!("{fault:?}"))?;
        let content = content_of(&phone, path).map_err(|error| format!("it does not read: {error:?}"))?;
        // The call that was running may have come to its end.
        let allowed = &self.contents[returned_count..(returned_count + 2).min(self.contents.len())];
        if !allowed.contains(&content) {
            let known = self.contents.iter().position(|known| *known == content);
            return Err(format!("{returned_count} calls had returned, and it holds what was after {known:?}"));
        }
        if syncs {
            let report =
                self.runtime.block_on(phone.sync_over(&self.handset.protocol)).map_err(|e| format!("{e:?}"))?;
            if report.was_repaired || report.digests_equal != Some(true) {
                return Err(format!("phone and server had come apart: {report:?}"));
            }
        }
        works_on(&phone)
    }
}

fn works_on(phone: &Phone) -> Result<(), String> {
    let broken = |error: zoufang_core::Error| format!("work does not go on: {error:?}");
    let home = all_homes(phone.core()).map_err(broken)?.remove(0);
    let visit = VisitDraft::new(home.household, Mode::Door, Outcome::Done);
    phone.core().save_visit(visit).map_err(broken).map(|_| ())
}

/// Runs the process until it is killed or done. Gives what it said.
fn run(path: &Path, at: u64, moment: Moment) -> (Vec<String>, ExitStatus) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saver"));
    command.arg(path).arg(at.to_string()).arg(moment.word()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    (said.lines().map(str::to_owned).collect(), child.wait().unwrap())
}

/// Kills the process at each operation in turn, and has what is left judged by the calls that had returned, `None` before the database was open.
fn at_every_operation(
    lay_down: impl Fn() -> tempfile::TempDir,
    judge: impl Fn(&Path, Option<usize>, (u64, Moment)),
) -> u64 {
    let mut kills_count = 0;
    for moment in Moment::ALL {
        for at in 0.. {
            assert!(at < OPERATIONS_MAX_COUNT, "the story does not end");
            let folder = lay_down();
            let path = folder.path().join("phone.db");
            let (said, status) = run(&path, at, moment);
            if status.success() {
                assert_eq!(said.last().map(String::as_str), Some(saver::DONE));
                break;
            }
            assert_eq!(status.signal(), Some(SIGKILL), "operation {at}: {status:?}, {said:?}");
            judge(&path, said.len().checked_sub(1), (at, moment));
            kills_count += 1;
        }
    }
    kills_count
}

#[test]
fn a_phone_that_is_killed_at_any_operation_keeps_what_was_saved_and_nothing_by_halves() {
    let story = Story::new();
    let judge = |path: &Path, returned: Option<usize>, (at, moment): (u64, Moment)| {
        // Forwards only: to the server, a state from before one that it has seen is a phone whose files were put back.
        let syncs = moment == Moment::Before && at.is_multiple_of(SYNCED_EVERY_COUNT);
        let verdict = story.judge(path, returned.unwrap_or_default(), syncs);
        verdict.unwrap_or_else(|problem| panic!("killed {} operation {at}: {problem}", moment.word()));
    };
    let kills_count = at_every_operation(|| story.laid_down(), judge);
    eprintln!("{kills_count} kills of a phone with {} calls", story.contents.len() - 1);
    assert!(kills_count > 100, "{kills_count}");
}

#[test]
fn a_database_whose_founding_is_killed_is_founded_at_the_next_start() {
    let kills_count = at_every_operation(
        || tempfile::tempdir().unwrap(),
        |path, _, (at, _)| {
            let phone = saver::open(path).unwrap_or_else(|error| panic!("killed at operation {at}: {error:?}"));
            assert!(phone.core().profile().unwrap().is_none());
            check_file(&phone, path).unwrap();
            let names = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
            let strange: Vec<_> = names.filter(|name| name.to_str().unwrap().contains(".new")).collect();
            assert!(strange.is_empty(), "killed at operation {at}: {strange:?} stayed");
        },
    );
    eprintln!("{kills_count} kills of a founding");
    assert!(kills_count > 20, "{kills_count}");
}

/// The judge itself: a log that is lost, as without a kill it never is, is seen.
#[test]
fn a_log_that_is_lost_is_seen() {
    let story = Story::new();
    let folder = story.laid_down();
    let path = folder.path().join("phone.db");
    let (said, status) = run(&path, OPERATIONS_MAX_COUNT, Moment::Before);
    assert!(status.success());
    let returned_count = story.contents.len() - 1;
    assert_eq!(said.len(), returned_count + 2, "{said:?}");
    std::fs::remove_file(beside(&path, "-wal")).unwrap();
    let verdict = story.judge(&path, returned_count, false);
    assert!(verdict.as_ref().is_err_and(|problem| problem.contains("it holds what was after")), "{verdict:?}");
}

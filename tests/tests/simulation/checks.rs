//! The promises (docs/assurance.md), each looked for where it could be broken: after each step and when all is well again.

use crate::files::open;
use crate::logs;
use crate::oracle;
use crate::promises::{MARK, Promise};
use crate::run::Run;
use crate::town::{Hand, Standing};
use std::collections::{BTreeMap, BTreeSet};
use zoufang_core::Error;
use zoufang_core::store::{outbox, profile};
use zoufang_domain::ids::UnitId;
use zoufang_sync_server::check;
use zoufang_sync_server::store::StoreError;
use zoufang_tests::checkers::{Difference, differences};
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::world::ROUNDS_MAX_COUNT;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) check: &'static str,
    pub(crate) what: String,
}

pub(crate) type Checked<T = ()> = Result<T, Failure>;

pub(crate) fn fail(check: &'static str, what: impl Into<String>) -> Failure {
    Failure { check, what: what.into() }
}

/// Visits that are looked for on their phone after each of its steps.
const VISITS_LOOKED_FOR_COUNT: usize = 4;

/// Rounds in which a restored server gets back what phones hold, and phones what it then has.
const RETURNS_ROUNDS_COUNT: usize = 2;

/// What must hold after any step of a phone.
pub(crate) fn after_step(run: &Run, at: usize) -> Checked {
    let hand = &run.hands[at];
    for other in &run.hands {
        if let Some(leak) = other.wire.leak() {
            return Err(fail("P8", leak));
        }
    }
    if hand.standing == Standing::Wiped {
        return is_wiped(hand);
    }
    own_visits_show(run, hand)?;
    let known = Known::of(hand);
    acknowledged_is_held(run, hand, &known)
}

/// What a phone knows of itself.
struct Known {
    acknowledged: u64,
    unsent_count: u64,
    areas: BTreeSet<UnitId>,
}

impl Known {
    fn of(hand: &Hand) -> Known {
        let read = open(&hand.phone).read::<_, Error, _>(|c| {
            let own = profile::get(c)?;
            let areas = profile::areas(c)?.into_iter().filter(|area| area.role.is_some()).map(|area| area.unit);
            let unsent_count = outbox::waiting(c, own.acknowledged)?.unsent_count;
            Ok(Known { acknowledged: own.acknowledged, unsent_count, areas: areas.collect() })
        });
        read.expect("the phone's database reads")
    }
}

/// P1 and P6: what was saved on this phone last shows there, with its text.
fn own_visits_show(run: &Run, hand: &Hand) -> Checked {
    let areas = run.town.posts.areas(hand.number);
    if run.town.posts.held(hand.number).was_reassigned || hand.standing == Standing::Forked {
        return Ok(());
    }
    let promises = run.town.promises.all();
    let own = promises.iter().rev().filter(|promise| promise.phone == hand.number && promise.is_sure);
    for promise in own.filter(|promise| promise.visit.is_some()).take(VISITS_LOOKED_FOR_COUNT) {
        let Some(id) = promise.visit else { continue };
        match hand.phone.core().visit(id) {
            Ok(shown) if shown.note.contains(&promise.word) => {}
            Ok(_) => return Err(fail("P1", format!("phone {}: {} has another text", hand.number, promise.word))),
            Err(error) => {
                let what = format!("phone {} of {areas:?}: {} is gone: {error:?}", hand.number, promise.word);
                return Err(fail("P1", what));
            }
        }
    }
    Ok(())
}

/// P3, P4: what the server acknowledged it holds, whatever became of its power since.
fn acknowledged_is_held(run: &Run, hand: &Hand, known: &Known) -> Checked {
    if !hand.knows_this_life || hand.standing == Standing::Forked {
        return Ok(());
    }
    let held = run.town.device(hand.device).map_or(0, |device| device.last_counter);
    match known.acknowledged > held {
        true => {
            let (number, acknowledged) = (hand.number, known.acknowledged);
            Err(fail("P3", format!("phone {number}: {acknowledged} acknowledged, the server holds {held}")))
        }
        false => Ok(()),
    }
}

/// P13: nothing is left of a wiped phone.
fn is_wiped(hand: &Hand) -> Checked {
    for suffix in ["", "-wal", "-shm"] {
        if beside(hand.phone.path(), suffix).exists() {
            return Err(fail("P13", format!("phone {}: '{suffix}' is still there", hand.number)));
        }
    }
    match hand.phone.vault().fetch("database") {
        Ok(None) => Ok(()),
        _ => Err(fail("P13", format!("phone {}: its key is still there", hand.number))),
    }
}

/// All is well again: lines, disks and clocks are good, and everybody syncs until nothing moves.
pub(crate) async fn heal(run: &mut Run) -> Checked {
    let now_ms = run.town.clock.now_ms();
    for hand in &run.hands {
        hand.wire.heal();
        hand.phone.clock.set(now_ms);
    }
    let numbers = |run: &Run, standing| {
        let those = run.hands.iter().filter(move |hand| hand.standing == standing);
        those.map(|hand| hand.number).collect::<Vec<_>>()
    };
    for at in numbers(run, Standing::Revoked) {
        let said = run.sync(at).await?;
        if run.hands[at].standing != Standing::Wiped {
            return Err(fail("P13", format!("phone {at} is revoked, reached the server and was not wiped: {said}")));
        }
        is_wiped(&run.hands[at])?;
    }
    if run.awaits_returns {
        // What the server lost comes back phone by phone; until the last has come they may show different things.
        for _ in 0..RETURNS_ROUNDS_COUNT {
            for at in numbers(run, Standing::Active) {
                must_sync(run, at).await?;
            }
        }
        let left: Vec<_> = numbers(run, Standing::Active).into_iter().flat_map(|at| apart(run, at)).collect();
        run.trace.say(format!("     before the next round: {left:?}"));
        run.awaits_returns = !left.is_empty();
    }
    let mut rounds_count = 0;
    loop {
        let mut has_moved = false;
        for at in numbers(run, Standing::Active) {
            has_moved |= must_sync(run, at).await?;
            after_step(run, at)?;
        }
        rounds_count += 1;
        // Where something is left behind, each comparison of digests pulls everything again.
        if !has_moved || run.awaits_returns && rounds_count == ROUNDS_MAX_COUNT {
            return Ok(());
        }
        if rounds_count > ROUNDS_MAX_COUNT {
            return Err(fail("P4", format!("phones still move after {ROUNDS_MAX_COUNT} rounds")));
        }
    }
}

/// Where a phone and the server do not hold the same.
fn apart(run: &Run, at: usize) -> Vec<Difference> {
    let found = run.hands[at].phone.evidence().expect("the phone's database reads");
    differences(&found, &run.town.server.evidence())
}

/// After a restore: work of others that the server has lost with its author's phone, or taken into quarantine when it came back. Phones
/// that had it keep it: a known limit, named in the docs.
fn is_left_behind(difference: &Difference) -> bool {
    difference.records.iter().all(|(_, _, side)| *side == "only on the phone")
}

/// A sync over a good line succeeds. Gives whether anything moved.
async fn must_sync(run: &mut Run, at: usize) -> Checked<bool> {
    let said = run.sync(at).await?;
    run.trace.say(format!("     phone {at}: {said}"));
    match said.starts_with("failed") {
        true => Err(fail("P4", format!("phone {at} on a good line: {said}"))),
        false => Ok(said != "pushed 0 (merged 0, held 0), pulled 0, erased 0"),
    }
}

/// What must hold when all is well again.
pub(crate) fn at_the_end(run: &Run) -> Checked {
    let server = run.town.server.evidence();
    if !run.may_quarantine && server.quarantined_count > 0 {
        return Err(fail("P4", format!("{} in quarantine for no reason", server.quarantined_count)));
    }
    for hand in run.hands.iter().filter(|hand| hand.standing == Standing::Active) {
        let number = hand.number;
        let (known, found) = (Known::of(hand), hand.phone.evidence().expect("the phone's database reads"));
        if known.unsent_count > 0 || !found.complete {
            return Err(fail(
                "P4",
                format!("phone {number}: {} unsent, complete: {}", known.unsent_count, found.complete),
            ));
        }
        let held = run.town.device(hand.device).map_or(0, |device| device.last_counter);
        if known.acknowledged != held {
            return Err(fail("P3", format!("phone {number}: {} acknowledged, {held} held", known.acknowledged)));
        }
        let areas = run.town.posts.areas(number);
        if known.areas != areas {
            return Err(fail("P8", format!("phone {number} holds {:?}, its holder's are {areas:?}", known.areas)));
        }
        let is_excused = |difference: &Difference| run.was_restored && is_left_behind(difference);
        if let Some(difference) = apart(run, number).into_iter().find(|difference| !is_excused(difference)) {
            return Err(fail("P5", format!("phone {number}: {difference:?}")));
        }
        run.trace.say(format!("     phone {number}: {} areas, {} held", found.areas.len(), found.held.len()));
    }
    every_word_once(run, &server.areas)?;
    oracle::compare(run, &server.areas)?;
    let findings = run.town.server.app.store.read::<_, StoreError>(check::check).expect("the check runs");
    if !findings.is_sound() {
        return Err(fail("server", findings.problems.join("; ")));
    }
    no_plain_text(run)?;
    for (area, digest) in findings.digests {
        run.trace.say(format!("     {area}: {digest}"));
    }
    Ok(())
}

type Areas = BTreeMap<UnitId, zoufang_tests::evidence::Dump>;

/// P3, P6, P7: every piece of work is on the server, as a record or in quarantine, once.
fn every_word_once(run: &Run, areas: &Areas) -> Checked {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let kept = run.town.server.app.store.read::<_, StoreError>(|c| {
        // Without witnessed copies: they are no work of their own.
        let mut kept = c.prepare("SELECT DISTINCT device, counter, operation FROM quarantine WHERE settled_how IS NOT 'accepted' AND record IS NULL ORDER BY 1, 2, 3")?;
        let rows = kept.query_map([], |row| row.get::<_, String>(2))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    let kept = kept.expect("the quarantine reads");
    for text in areas.values().flat_map(|dump| dump.values()).chain(&kept) {
        words(text).for_each(|word| *found.entry(word).or_default() += 1);
    }
    for Promise { word, phone, is_sure, .. } in run.town.promises.all() {
        let hand = &run.hands[phone];
        let times = found.get(&word).copied().unwrap_or_default();
        // A copy of a phone keeps what it could not bring: its holder still sees it.
        let may_lack =
            !is_sure || hand.standing == Standing::Forked || run.was_restored && hand.standing == Standing::Wiped;
        if times == 0 && !may_lack {
            return Err(fail("P6", format!("{word} of phone {phone} is nowhere")));
        }
        if times > 1 && hand.standing != Standing::Forked {
            return Err(fail("P3", format!("{word} of phone {phone} is there {times} times")));
        }
    }
    Ok(())
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.match_indices(MARK).filter_map(|(at, _)| {
        let rest = &text[at..];
        // The mark, the area, the phone, the number, each with its dot.
        let end = rest.match_indices('·').nth(3)?.0;
        Some(rest[..end + '·'.len_utf8()].to_owned())
    })
}

/// P13: no file of a phone tells what is in it without its key; no log line holds what a record says.
fn no_plain_text(run: &Run) -> Checked {
    for hand in &run.hands {
        for suffix in ["", "-wal", "-shm", ".killed", ".killed-wal", ".copy", ".copy-wal"] {
            let Ok(content) = std::fs::read(beside(hand.phone.path(), suffix)) else { continue };
            if content.windows(MARK.len()).any(|window| window == MARK.as_bytes()) {
                return Err(fail("P13", format!("phone {}: '{suffix}' holds plain text", hand.number)));
            }
        }
    }
    match logs::leaked() {
        Some(line) => Err(fail("P13", format!("a log line: {line}"))),
        None => Ok(()),
    }
}

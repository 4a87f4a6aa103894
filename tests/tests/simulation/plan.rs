//! What happens in a seed: a pure function of it, so that a failing seed can be replayed and made smaller.

use std::fmt;
use zoufang_tests::dice::Dice;
use zoufang_tests::ports::{DAY_MS, HOUR_MS, MINUTE_MS};

/// Micro-grids of the town.
pub(crate) const AREAS_COUNT: usize = 3;

/// What the holder of a phone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Office {
    Manager(usize),
    Worker(usize),
    Leader,
}

/// What goes wrong during one sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    RequestLost(&'static str),
    AnswerLost(&'static str, u32),
    HalfAnswer(&'static str),
    Twice(&'static str),
    /// The status comes before the server has done it, or after.
    Status(&'static str, u16),
    StatusAfter(&'static str, u16),
    /// So many requests pass, then none.
    Cut(u64),
    /// Pages of one record each.
    SmallPages,
    /// The same, and the line breaks after so many.
    SmallPagesCut(u64),
    /// The server's disk is full after so many writes.
    ServerDiskFull(u64),
    /// The server loses its power while it does this request.
    ServerPowerCut(u64),
    /// While the phone waits for this answer, something else happens.
    Meanwhile(u64, Meanwhile),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meanwhile {
    ItsHolderWorks,
    AnotherSyncs,
    ItIsReassigned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Work,
    Draft,
    Sync(Option<Trouble>),
    /// Two people work on the same homes without hearing of each other, then both sync.
    SideBySide {
        in_small_pages: bool,
    },
    TwoSyncsAtOnce,
    Kill,
    Background,
    PowerCut {
        in_sync: bool,
    },
    DiskFull {
        in_sync: bool,
        after_count: u64,
    },
    DiskFails {
        in_sync: bool,
        after_count: u64,
    },
    ClockOff(i64),
    ClockRight,
    KeyMissing,
    Poison,
    OldPushAgain,
    Reassigned,
    Revoked,
    Cloned,
    RolledBack,
    HomesCome,
    HomesGo,
    Backup,
    Restore,
    ServerRestart,
}

/// One step. Its own dice make it the same whatever other steps are left out.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) number: usize,
    pub(crate) phone: usize,
    pub(crate) chance: u64,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) offices: Vec<Office>,
    /// Phones that begin before their first sync.
    pub(crate) begin_empty: Vec<usize>,
    pub(crate) steps: Vec<Step>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>3}  phone {}  {:?}", self.number, self.phone, self.what)
    }
}

/// Classes of faults; each seed draws its own weights, so that some seeds have much of one and nothing of another.
const CLASSES_COUNT: usize = 10;

impl Plan {
    pub(crate) fn of(seed: u64) -> Plan {
        let mut dice = Dice::of(seed, 0x51a1);
        let phones_count = *dice.pick(&[2, 2, 3, 3, 4, 4, 5, 6, 8]);
        let offices = (0..phones_count)
            .map(|phone| match (phone, dice.below(10)) {
                (0 | 1, _) => Office::Manager(0),
                (_, 0..4) => Office::Manager(dice.below(AREAS_COUNT)),
                (_, 4..7) => Office::Leader,
                _ => Office::Worker(dice.below(AREAS_COUNT)),
            })
            .collect();
        let begin_empty = (0..phones_count).filter(|_| dice.percent(20)).collect();
        let weights: Vec<usize> = (0..CLASSES_COUNT).map(|_| *dice.pick(&[0, 0, 1, 2, 5])).collect();
        let steps_count = dice.between(20, 50);
        let steps = (0..steps_count)
            .map(|number| {
                let (phone, chance) = (dice.below(phones_count), dice.bits());
                Step { number, phone, chance, what: drawn(&mut dice, &weights) }
            })
            .collect();
        Plan { seed, offices, begin_empty, steps }
    }
}

fn drawn(dice: &mut Dice, weights: &[usize]) -> What {
    let total: usize = 24 + weights.iter().sum::<usize>();
    let mut left = dice.below(total);
    if left < 24 {
        return match left {
            0..14 => What::Work,
            14 => What::Draft,
            15 => What::SideBySide { in_small_pages: false },
            _ => What::Sync(None),
        };
    }
    left -= 24;
    let class = weights.iter().position(|weight| match left.checked_sub(*weight) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    let in_sync = dice.percent(50);
    match class.unwrap_or_default() {
        0 => What::Sync(Some(line_trouble(dice))),
        1 => match dice.below(4) {
            0 => What::Sync(Some(Trouble::SmallPages)),
            1 | 2 => What::Sync(Some(Trouble::SmallPagesCut(dice.between(1, 12) as u64))),
            _ => What::SideBySide { in_small_pages: dice.percent(70) },
        },
        2 => What::Sync(Some(meanwhile(dice))),
        3 => match dice.below(3) {
            0 => What::Kill,
            1 => What::Background,
            _ => What::PowerCut { in_sync },
        },
        4 => What::PowerCut { in_sync },
        5 => match dice.below(3) {
            0 => What::DiskFull { in_sync, after_count: dice.below(12) as u64 },
            1 => What::DiskFails { in_sync, after_count: dice.below(24) as u64 },
            _ => What::Sync(Some(Trouble::ServerDiskFull(dice.below(20) as u64))),
        },
        6 => match dice.below(5) {
            0 => What::ClockRight,
            1 => What::TwoSyncsAtOnce,
            _ => What::ClockOff(*dice.pick(&[
                -3_650 * DAY_MS,
                -400 * DAY_MS,
                -HOUR_MS,
                2 * MINUTE_MS,
                HOUR_MS,
                3_650 * DAY_MS,
            ])),
        },
        7 => match dice.below(4) {
            0 => What::ServerRestart,
            _ => What::Sync(Some(Trouble::ServerPowerCut(dice.between(1, 5) as u64))),
        },
        8 => *dice.pick(&[
            What::HomesCome,
            What::HomesCome,
            What::HomesGo,
            What::Reassigned,
            What::OldPushAgain,
            What::KeyMissing,
        ]),
        _ => rare(dice),
    }
}

fn rare(dice: &mut Dice) -> What {
    *dice.pick(&[
        What::Backup,
        What::Backup,
        What::Restore,
        What::Restore,
        What::Poison,
        What::Revoked,
        What::Cloned,
        What::RolledBack,
        What::Reassigned,
    ])
}

fn line_trouble(dice: &mut Dice) -> Trouble {
    let path = *dice.pick(&["", "push", "push", "pull", "session"]);
    let status = *dice.pick(&[429, 500, 502, 503]);
    match dice.below(10) {
        0 => Trouble::RequestLost(path),
        1..4 => Trouble::AnswerLost(path, dice.between(1, 2) as u32),
        4 => Trouble::HalfAnswer(path),
        5 | 6 => Trouble::Twice(path),
        7 => Trouble::Status(path, status),
        8 => Trouble::StatusAfter(path, status),
        _ => Trouble::Cut(dice.below(5) as u64),
    }
}

fn meanwhile(dice: &mut Dice) -> Trouble {
    let what = *dice.pick(&[
        Meanwhile::ItsHolderWorks,
        Meanwhile::AnotherSyncs,
        Meanwhile::AnotherSyncs,
        Meanwhile::ItIsReassigned,
    ]);
    Trouble::Meanwhile(dice.between(1, 4) as u64, what)
}

//! Defects that the simulation plants to try itself: one that it does not find is a hole in it.
//!
//! Without the feature `planted-defects`, which nothing that ships switches on (`.ci/dependency-rules.sh`), [`is`] is `false` when it is
//! compiled and each place that asks is as if the question were not there.

/// A defect that somebody might make. Each is asked for in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Defect {
    /// The server takes what it has taken before for new.
    SkipDedup = 1,
    /// A page that is full leaves its area's cursor at the end of the area.
    CursorPastPage,
    /// A phone stores a page's cursor before the page.
    CursorBeforeRows,
    /// A phone's saves do not wait for the disk.
    NormalSync,
    /// A phone does not hear that a record has left its area.
    DropTombstone,
    /// A phone is not told when its areas change.
    ForgetGrants,
    /// A pull brings records of every area.
    NoAreaFilter,
    /// Of two concurrent values one goes without a word.
    LoserVanishes,
    /// The server acknowledges before what it acknowledges is on the disk.
    AcknowledgeBeforeCommit,
    /// A phone does not notice that the server came back from a backup.
    IgnoreEpoch,
    /// A database without its key is made anew.
    RegenerateMissingKey,
    /// A page that ends inside an area forgets that others' work may lie hidden under the phone's own.
    SplitAreaOverPages,
    /// A phone's own work on a record hides what others did to it.
    OwnWorkHidesOthers,
    /// What cannot be applied is dropped.
    DropQuarantined,
    /// A phone's clock may be as far ahead as it likes.
    ClockUnbounded,
    /// A revoked phone's session goes on.
    SessionOutlivesRevocation,
    /// An event that is not allowed where the matter stands moves it all the same.
    LateEventMoves,
    /// What was acknowledged is forgotten at once, and not after 30 days.
    ForgetAcknowledged,
}

impl Defect {
    /// All of them.
    pub const ALL: [Defect; 18] = [
        Defect::SkipDedup,
        Defect::CursorPastPage,
        Defect::CursorBeforeRows,
        Defect::NormalSync,
        Defect::DropTombstone,
        Defect::ForgetGrants,
        Defect::NoAreaFilter,
        Defect::LoserVanishes,
        Defect::AcknowledgeBeforeCommit,
        Defect::IgnoreEpoch,
        Defect::RegenerateMissingKey,
        Defect::SplitAreaOverPages,
        Defect::OwnWorkHidesOthers,
        Defect::DropQuarantined,
        Defect::ClockUnbounded,
        Defect::SessionOutlivesRevocation,
        Defect::LateEventMoves,
        Defect::ForgetAcknowledged,
    ];
}

/// Whether this defect is planted.
#[cfg(not(feature = "planted-defects"))]
#[inline]
pub const fn is(_defect: Defect) -> bool {
    false
}

/// Whether this defect is planted.
#[cfg(feature = "planted-defects")]
pub fn is(defect: Defect) -> bool {
    PLANTED.load(std::sync::atomic::Ordering::Relaxed) == defect as u8
}

/// Plants a defect in the whole process in the place of the one before, or none.
#[cfg(feature = "planted-defects")]
pub fn plant(defect: Option<Defect>) {
    PLANTED.store(defect.map_or(0, |defect| defect as u8), std::sync::atomic::Ordering::Relaxed);
}

#[cfg(feature = "planted-defects")]
static PLANTED: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

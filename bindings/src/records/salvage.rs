//! A database that was set aside, and the work in it that is taken up again.

use crate::message::Message;
use crate::words::RecordKind;
use uuid::Uuid;
use zoufang_core::salvage;
use zoufang_core::store::damage;
use zoufang_domain::calendar::Moment;

/// A database that does not open, or is damaged, out of the way. Nothing of it was deleted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SetAside {
    /// Where it is now.
    pub path: String,
    /// When, by the phone's clock.
    pub at: Moment,
}

/// What became of the work in databases that were set aside.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TakenUp {
    /// Operations that were done once more and wait to be sent.
    pub taken_count: u64,
    /// Operations that the server has already, or that a record says by now.
    pub known_count: u64,
    /// Operations that could not be taken up. They stay in the file that was set aside for 365 days: a person must know of them.
    pub left: Vec<LeftAside>,
}

/// One operation that could not be taken up.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LeftAside {
    /// Its number in the damaged database; 0 for a whole file, of which nothing reads or which a newer app wrote.
    pub counter: u64,
    /// What kind of record it was about; none when even that does not read.
    pub kind: Option<RecordKind>,
    /// Which record.
    pub record: Option<Uuid>,
    /// Why.
    pub reason: Message,
}

impl From<damage::SetAside> for SetAside {
    fn from(aside: damage::SetAside) -> Self {
        SetAside { path: aside.path.to_string_lossy().into_owned(), at: Moment::from_ms(aside.at_ms) }
    }
}

impl From<salvage::TakenUp> for TakenUp {
    fn from(taken: salvage::TakenUp) -> Self {
        TakenUp { taken_count: taken.taken_count, known_count: taken.known_count, left: left_aside(taken.left) }
    }
}

impl From<salvage::LeftAside> for LeftAside {
    fn from(left: salvage::LeftAside) -> Self {
        LeftAside {
            counter: left.counter,
            kind: left.record.map(|(kind, _)| kind),
            record: left.record.map(|(_, id)| id),
            reason: Message::of(&left.reason),
        }
    }
}

pub(crate) fn left_aside(left: Vec<salvage::LeftAside>) -> Vec<LeftAside> {
    left.into_iter().map(LeftAside::from).collect()
}

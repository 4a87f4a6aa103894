//! Quarantine as it crosses.

use crate::message::Message;
use crate::words::RecordKind;
use uuid::Uuid;
use zoufang_core::views;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::HouseholdId;

/// One operation in quarantine. It is here as it was made, and on the server.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct QuarantineView {
    /// Its number on this phone.
    pub counter: u64,
    /// What kind of record it concerns.
    pub kind: RecordKind,
    /// Which record.
    pub record: Uuid,
    /// Whose home it is about, if it is about one and on this phone.
    pub household: Option<HouseholdId>,
    /// What people call the record; empty when it is not on this phone.
    pub title: String,
    /// Why.
    pub reason: Message,
    /// The field at fault, where there is one.
    pub field: Option<String>,
    /// The operation's exact JSON.
    pub operation_json: String,
    /// When it was made, by the phone's clock.
    pub made_at: Moment,
    /// When the server's word arrived, by the phone's clock.
    pub judged_at: Moment,
    /// What a person decided; none while it waits.
    pub decision: Option<DecisionView>,
}

/// What a person decided of work in quarantine. What was accepted is no longer listed: it stands in its record.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DecisionView {
    /// What became of it: taken for another area, or not taken.
    pub what: Message,
    /// What its author is told.
    pub answer: Option<String>,
    /// When, by the server's clock.
    pub at: Moment,
}

impl From<views::QuarantineView> for QuarantineView {
    fn from(view: views::QuarantineView) -> Self {
        QuarantineView {
            counter: view.counter,
            kind: view.kind,
            record: view.record,
            household: view.household,
            title: view.title,
            reason: Message::of(&view.reason_message_id),
            field: view.field,
            operation_json: view.operation_json,
            made_at: Moment::from_ms(view.made_ms),
            judged_at: Moment::from_ms(view.judged_ms),
            decision: view.decision.map(|decided| DecisionView {
                what: Message::of(if decided.is_rehomed { "quarantine.rehomed" } else { "quarantine.refused" }),
                answer: decided.answer,
                at: Moment::from_ms(decided.at_ms),
            }),
        }
    }
}

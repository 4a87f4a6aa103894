//! The cases of docs/sync-model.md, each a test of its name: real cores, the real server, its real router, and the databases as judges.

#![allow(clippy::unwrap_used)]

mod appointments;
mod contacts;
mod delivery;
mod edits;
mod erasure;
mod gaps;
mod homes;
mod matters;
mod notices;
mod people;
mod restores;
mod returns;
mod witnesses;

use zoufang_core::views::VisitView;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::world::Handset;

/// A visit at the door that took place.
fn visit(phone: &Handset, household: HouseholdId, note: &str) -> VisitView {
    let draft = VisitDraft { note: note.to_owned(), ..VisitDraft::new(household, Mode::Door, Outcome::Done) };
    phone.core().save_visit(draft).unwrap()
}

//! A home as the list of the day shows it.

use super::SyncState;
use chrono::NaiveDate;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{DwellingId, HouseholdId, UnitId};
use zoufang_domain::visit::Outcome;

/// A household in its dwelling.
#[derive(Clone, Debug, PartialEq)]
pub struct HomeView {
    /// The household.
    pub household: HouseholdId,
    /// Its dwelling.
    pub dwelling: DwellingId,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Its name.
    pub micro_grid_name: String,
    /// The address as one text; empty when the dwelling has not arrived yet.
    pub address_text: String,
    /// The address in its parts.
    pub address: Address,
    /// Sorts as a person walks.
    pub walk_key: String,
    /// What the dwelling is used for, if this version knows the word.
    pub used_as: Option<Use>,
    /// Contact person.
    pub contact: Option<String>,
    /// Phone of the contact person.
    pub phone: Option<String>,
    /// People living here, as last counted.
    pub people_count: Option<u16>,
    /// Since when.
    pub from: Option<NaiveDate>,
    /// Until when, once closed.
    pub to: Option<NaiveDate>,
    /// The household that it split off 分户.
    pub split_from: Option<HouseholdId>,
    /// The household that it became part of 并户.
    pub merged_into: Option<HouseholdId>,
    /// The latest visit that is not void, those of households that became part of this one included.
    pub last_visit: Option<LastVisit>,
    /// Matters of this home, and of households that became part of it, that are not closed, withdrawn or joined to another.
    pub open_matters_count: u32,
    /// Whether values of the household or its dwelling stand against each other.
    pub has_conflict: bool,
    /// Whether the household, its dwelling or its last visit waits to be sent.
    pub unsent: bool,
    /// How far the household itself has come.
    pub sync: SyncState,
}

/// The latest visit of a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastVisit {
    /// Its start, by the clock of the phone that made it.
    pub at: Moment,
    /// What came of it.
    pub outcome: Outcome,
}

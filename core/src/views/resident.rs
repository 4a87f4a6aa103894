//! A resident in a home.

use super::SyncState;
use chrono::NaiveDate;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId, UnitId};
use zoufang_domain::resident::{ResidencyKind, Sex};

/// A resident with one period of residence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentView {
    /// The person.
    pub id: ResidentId,
    /// The period of residence.
    pub residency: ResidencyId,
    /// The home.
    pub household: HouseholdId,
    /// Name; empty when the person's record has not arrived yet.
    pub name: String,
    /// Sex, if stated.
    pub sex: Option<Sex>,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Phone.
    pub phone: Option<String>,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered 人户一致.
    pub lives_where_registered: Option<bool>,
    /// Since when.
    pub from: NaiveDate,
    /// Until when, once moved out.
    pub to: Option<NaiveDate>,
    /// Whether the person's data is kept and not used 限制处理: then sex, year of birth and phone are not shown.
    pub is_restricted: bool,
    /// Whether values of the person or the period stand against each other.
    pub has_conflict: bool,
    /// How far the person's record has come.
    pub sync: SyncState,
}

/// One period of residence of a resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StayView {
    /// The period.
    pub residency: ResidencyId,
    /// The home.
    pub household: HouseholdId,
    /// What the home is called; empty when its record is not on this phone.
    pub home: String,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lived where they were registered 人户一致.
    pub lives_where_registered: Option<bool>,
    /// Since when.
    pub from: NaiveDate,
    /// Until when, once moved out.
    pub to: Option<NaiveDate>,
}

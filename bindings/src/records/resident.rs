//! Residents as they cross.

use crate::types::Day;
use crate::words::{Likeness, ResidencyKind, ResidentSex, SyncState};
use zoufang_core::residents::ResidentEdit;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId, UnitId};

pub use zoufang_core::moves::NextHome;
pub use zoufang_core::residents::ResidentDraft;
pub use zoufang_core::views::{LikelySameView as LikelySame, ResidentView, StayView as Stay};
pub use zoufang_domain::resident::Residency;

/// A resident with one period of residence.
#[uniffi::remote(Record)]
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
    pub sex: Option<ResidentSex>,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Phone.
    pub phone: Option<String>,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered 人户一致.
    pub lives_where_registered: Option<bool>,
    /// Since when.
    pub from: Day,
    /// Until when, once moved out.
    pub to: Option<Day>,
    /// Whether the person's data is kept and not used 限制处理: then sex, year of birth and phone are not shown.
    pub is_restricted: bool,
    /// Whether values of the person or the period stand against each other.
    pub has_conflict: bool,
    /// How far the person's record has come.
    pub sync: SyncState,
}

/// One period of residence of a resident.
#[uniffi::remote(Record)]
pub struct Stay {
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
    pub from: Day,
    /// Until when, once moved out.
    pub to: Option<Day>,
}

/// A resident who may be the one about to be added. A hint for a person to look at, never a decision.
#[uniffi::remote(Record)]
pub struct LikelySame {
    /// The resident.
    pub resident: ResidentId,
    /// Name.
    pub name: String,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Phone.
    pub phone: Option<String>,
    /// The home, or the last one.
    pub household: Option<HouseholdId>,
    /// What the home is called; empty when its record is not on this phone.
    pub home: String,
    /// Why, the strongest first; never empty.
    pub why: Vec<Likeness>,
}

/// Where someone moves to.
#[uniffi::remote(Record)]
pub struct NextHome {
    /// The home.
    pub household: HouseholdId,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered.
    #[uniffi(default = None)]
    pub lives_where_registered: Option<bool>,
    /// First day there, today if not said; the last day of the home before is the day before it.
    #[uniffi(default = None)]
    pub on: Option<Day>,
}

/// A resident about to be added to a home.
#[uniffi::remote(Record)]
pub struct ResidentDraft {
    /// The home.
    pub household: HouseholdId,
    /// Name.
    pub name: String,
    /// As what.
    pub kind: ResidencyKind,
    /// Sex, if stated.
    #[uniffi(default = None)]
    pub sex: Option<ResidentSex>,
    /// Year of birth.
    #[uniffi(default = None)]
    pub birth_year: Option<i32>,
    /// Phone.
    #[uniffi(default = None)]
    pub phone: Option<String>,
    /// Whether the person lives where they are registered.
    #[uniffi(default = None)]
    pub lives_where_registered: Option<bool>,
    /// Since when; today if not said.
    #[uniffi(default = None)]
    pub from: Option<Day>,
}

/// A period of residence.
#[uniffi::remote(Record)]
pub struct Residency {
    /// Who.
    pub resident: ResidentId,
    /// Where.
    pub household: HouseholdId,
    /// As what.
    pub kind: ResidencyKind,
    /// Since when.
    pub from: Day,
    /// Whether the person lives where they are registered.
    #[uniffi(default = None)]
    pub lives_where_registered: Option<bool>,
    /// Until when.
    #[uniffi(default = None)]
    pub to: Option<Day>,
}

/// What changes in a resident; without a value the field is cleared.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ResidentChange {
    /// Name.
    Name {
        /// The name.
        to: String,
    },
    /// Sex.
    Sex {
        /// As stated.
        to: Option<ResidentSex>,
    },
    /// Year of birth.
    BirthYear {
        /// The year.
        to: Option<i32>,
    },
    /// Phone.
    Phone {
        /// The number.
        to: Option<String>,
    },
}

/// The changes as one edit; the last word on a field counts.
pub(crate) fn resident_edit(changes: Vec<ResidentChange>) -> ResidentEdit {
    let mut edit = ResidentEdit::default();
    for change in changes {
        match change {
            ResidentChange::Name { to } => edit.name = Some(to),
            ResidentChange::Sex { to } => edit.sex = Some(to),
            ResidentChange::BirthYear { to } => edit.birth_year = Some(to),
            ResidentChange::Phone { to } => edit.phone = Some(to),
        }
    }
    edit
}

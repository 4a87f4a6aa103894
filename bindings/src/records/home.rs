//! Homes as they cross.

use crate::error::CoreError;
use crate::types::Day;
use crate::words::{DwellingUse, SyncState, VisitOutcome};
use zoufang_core::households::{self, HouseholdEdit};
use zoufang_core::views;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DwellingId, HouseholdId, ResidencyId, UnitId};

pub use zoufang_core::households::DwellingEdit;
pub use zoufang_core::views::LastVisit;
pub use zoufang_domain::home::Address;

/// Where a dwelling stands inside its micro-grid.
#[uniffi::remote(Record)]
pub struct Address {
    /// 楼栋.
    pub building: String,
    /// 单元; empty where buildings have none.
    pub unit: String,
    /// 室.
    pub room: String,
}

/// The latest visit of a home.
#[uniffi::remote(Record)]
pub struct LastVisit {
    /// Its start, by the clock of the phone that made it.
    pub at: Moment,
    /// What came of it.
    pub outcome: VisitOutcome,
}

/// What changes in a dwelling; what is missing stays as it is.
#[uniffi::remote(Record)]
pub struct DwellingEdit {
    /// Where. It moves whole.
    #[uniffi(default = None)]
    pub address: Option<Address>,
    /// What for.
    #[uniffi(default = None)]
    pub used_as: Option<DwellingUse>,
}

/// A household in its dwelling, as the list of the day shows it.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
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
    pub used_as: Option<DwellingUse>,
    /// Contact person.
    pub contact: Option<String>,
    /// Phone of the contact person.
    pub phone: Option<String>,
    /// People living here, as last counted.
    pub people_count: Option<u32>,
    /// Since when.
    pub from: Option<Day>,
    /// Until when, once closed.
    pub to: Option<Day>,
    /// The household that it split off 分户.
    #[uniffi(default = None)]
    pub split_from: Option<HouseholdId>,
    /// The household that it became part of 并户.
    #[uniffi(default = None)]
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

impl From<views::HomeView> for HomeView {
    fn from(view: views::HomeView) -> Self {
        HomeView {
            household: view.household,
            dwelling: view.dwelling,
            micro_grid: view.micro_grid,
            micro_grid_name: view.micro_grid_name,
            address_text: view.address_text,
            address: view.address,
            walk_key: view.walk_key,
            used_as: view.used_as,
            contact: view.contact,
            phone: view.phone,
            people_count: view.people_count.map(u32::from),
            from: view.from,
            to: view.to,
            split_from: view.split_from,
            merged_into: view.merged_into,
            last_visit: view.last_visit,
            open_matters_count: view.open_matters_count,
            has_conflict: view.has_conflict,
            unsent: view.unsent,
            sync: view.sync,
        }
    }
}

/// A home about to be added.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct HomeDraft {
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Where.
    pub address: Address,
    /// What the dwelling is used for.
    pub used_as: DwellingUse,
    /// Contact person.
    #[uniffi(default = None)]
    pub contact: Option<String>,
    /// Phone of the contact person.
    #[uniffi(default = None)]
    pub phone: Option<String>,
    /// People living there.
    #[uniffi(default = None)]
    pub people_count: Option<u32>,
    /// Since when; today if not said.
    #[uniffi(default = None)]
    pub from: Option<Day>,
    /// Whether it is known that another household lives in the same dwelling. Without it, a second one is taken for a mistake.
    #[uniffi(default = false)]
    pub shares_dwelling: bool,
}

/// A household about to split off another.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct SplitDraft {
    /// The household that it splits off.
    pub household: HouseholdId,
    /// The current periods of residence of the people who go with it; at least one.
    pub residencies: Vec<ResidencyId>,
    /// The new home; it may share the dwelling. `from` is the day of the split.
    pub home: HomeDraft,
}

impl TryFrom<SplitDraft> for zoufang_core::splits::SplitDraft {
    type Error = CoreError;

    fn try_from(draft: SplitDraft) -> Result<Self, CoreError> {
        let SplitDraft { household, residencies, home } = draft;
        Ok(zoufang_core::splits::SplitDraft { household, residencies, home: home.try_into()? })
    }
}

impl TryFrom<HomeDraft> for households::HomeDraft {
    type Error = CoreError;

    fn try_from(draft: HomeDraft) -> Result<Self, CoreError> {
        Ok(households::HomeDraft {
            micro_grid: draft.micro_grid,
            address: draft.address,
            used_as: draft.used_as,
            contact: draft.contact,
            phone: draft.phone,
            people_count: draft.people_count.map(people_count).transpose()?,
            from: draft.from,
            shares_dwelling: draft.shares_dwelling,
        })
    }
}

/// What changes in a household; without a value the field is cleared.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HouseholdChange {
    /// Contact person.
    Contact {
        /// The name.
        to: Option<String>,
    },
    /// Phone of the contact person.
    Phone {
        /// The number.
        to: Option<String>,
    },
    /// People living there.
    PeopleCount {
        /// How many.
        to: Option<u32>,
    },
}

/// The changes as one edit; the last word on a field counts.
pub(crate) fn household_edit(changes: Vec<HouseholdChange>) -> Result<HouseholdEdit, CoreError> {
    let mut edit = HouseholdEdit::default();
    for change in changes {
        match change {
            HouseholdChange::Contact { to } => edit.contact = Some(to),
            HouseholdChange::Phone { to } => edit.phone = Some(to),
            HouseholdChange::PeopleCount { to } => edit.people_count = Some(to.map(people_count).transpose()?),
        }
    }
    Ok(edit)
}

fn people_count(count: u32) -> Result<u16, CoreError> {
    u16::try_from(count).map_err(|_| CoreError::mend("people_count"))
}

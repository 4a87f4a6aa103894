//! Somebody who may be known already.

use serde::Serialize;
use zoufang_domain::ids::{HouseholdId, ResidentId};

/// A resident who may be the one about to be added. A hint for a person to look at, never a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikelySameView {
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

/// Why two may be one. The serde names are those of the labels, group `likeness`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same phone number, however it is written.
    Phone,
    /// The same name.
    Name,
    /// A name that may sound the same: the same pinyin initials, with the same family name or year of birth.
    Pinyin,
    /// The same year of birth, beside another reason.
    BirthYear,
}

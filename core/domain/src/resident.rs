//! Residents 居民 and their periods of residence 居住关系. What is not here is not kept: no citizen number, and no field for religion,
//! politics, opinion, income or biometrics.

use crate::ids::{HouseholdId, ResidentId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A resident. Pinyin and initials are derived where they are searched, never stored or sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resident {
    /// Name.
    pub name: String,
    /// Sex, if stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Year of birth, never the full date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<i32>,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Sex as residents state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
}

/// What kind of residence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResidencyKind {
    /// 户籍.
    Registered,
    /// 流动.
    Floating,
    /// 留守.
    LeftBehind,
    /// 境外.
    FromAbroad,
}

/// A period of residence. The floating population is a row of periods, never an overwritten one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Residency {
    /// Who.
    pub resident: ResidentId,
    /// Where.
    pub household: HouseholdId,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered 人户一致.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lives_where_registered: Option<bool>,
    /// Since when.
    pub from: NaiveDate,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

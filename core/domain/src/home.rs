//! Homes: dwellings 房屋 and the households 户 in them.

use crate::ids::{DwellingId, HouseholdId, UnitId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a dwelling stands inside its micro-grid. A composite field: it moves whole, so two edits never mix building and room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// 楼栋.
    pub building: String,
    /// 单元; empty where buildings have none.
    #[serde(default)]
    pub unit: String,
    /// 室.
    pub room: String,
}

impl Address {
    /// A key that sorts addresses as a person walks them: building, unit and room as numbers where they are numbers, so that
    /// 2 comes before 10. Each run of digits is padded to eight places, and parts are joined by U+001F, which sorts below all text.
    pub fn walk_key(&self) -> String {
        [&self.building, &self.unit, &self.room].map(|part| padded(part)).join("\u{1f}")
    }
}

fn padded(part: &str) -> String {
    const DIGITS_COUNT: usize = 8;
    let mut key = String::with_capacity(part.len() + DIGITS_COUNT);
    let mut digits = String::new();
    for c in part.trim().chars().chain(['\u{0}']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            let number = digits.trim_start_matches('0');
            key.push_str(&"0".repeat(DIGITS_COUNT.saturating_sub(number.len())));
            key.push_str(number);
            digits.clear();
        }
        if c != '\u{0}' {
            key.push(c);
        }
    }
    key
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |text: &str, suffix: &str| match text.chars().last() {
            None => String::new(),
            Some(last) if last.is_ascii_alphanumeric() => format!("{text}{suffix}"),
            Some(_) => text.to_owned(),
        };
        write!(f, "{}{}{}", part(&self.building, "号楼"), part(&self.unit, "单元"), part(&self.room, "室"))
    }
}

/// What a dwelling is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// 自住.
    Own,
    /// 出租.
    Rented,
    /// 空置.
    Vacant,
    /// 商铺.
    Shop,
    /// 其他.
    Other,
}

impl Use {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Use::Own => "own",
            Use::Rented => "rented",
            Use::Vacant => "vacant",
            Use::Shop => "shop",
            Use::Other => "other",
        }
    }
}

/// A dwelling. Its micro-grid is the record's area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dwelling {
    /// Where.
    pub address: Address,
    /// What for.
    #[serde(rename = "use")]
    pub used_as: Use,
}

/// A household. It moves by being closed here and opened there, never by changing its dwelling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Household {
    /// The dwelling.
    pub dwelling: DwellingId,
    /// Name of the contact person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Phone of the contact person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How many people live here, as last counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_count: Option<u16>,
    /// Since when.
    pub from: NaiveDate,
    /// Until when, once it has moved or dissolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The household that its people lived in before it became one of its own 分户.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_from: Option<HouseholdId>,
    /// The household that it became part of 并户; it is closed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<HouseholdId>,
}

/// The id of the dwelling at an address of a micro-grid; derived, so importing a roster twice changes nothing.
pub fn dwelling_id(micro_grid: UnitId, address: &Address) -> DwellingId {
    let Address { building, unit, room } = address;
    DwellingId(crate::ids::derived(&["dwelling", &micro_grid.to_string(), building, unit, room]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(building: &str, unit: &str, room: &str) -> Address {
        Address { building: building.into(), unit: unit.into(), room: room.into() }
    }

    #[test]
    fn homes_sort_as_they_are_walked() {
        let mut homes = [at("10", "1", "101"), at("2", "2", "101"), at("2", "1", "1001"), at("2", "1", "302")];
        homes.sort_by_key(Address::walk_key);
        let shown: Vec<String> = homes.iter().map(Address::to_string).collect();
        assert_eq!(shown, ["2号楼1单元302室", "2号楼1单元1001室", "2号楼2单元101室", "10号楼1单元101室"]);
    }

    #[test]
    fn an_address_with_words_of_its_own_is_left_alone() {
        assert_eq!(at("甲楼", "", "地下室").to_string(), "甲楼地下室");
    }
}

//! Organisational units 组织单元: the tree from the city to the micro-grid.

use crate::ids::UnitId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The levels, top first. 30 to 50 households make a micro-grid; that is a warning, never a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 市.
    City,
    /// 区县.
    District,
    /// 街道、乡镇.
    Street,
    /// 社区、村.
    Community,
    /// 网格.
    Grid,
    /// 微网格.
    MicroGrid,
}

impl Level {
    /// All, top first.
    pub const ALL: [Level; 6] =
        [Level::City, Level::District, Level::Street, Level::Community, Level::Grid, Level::MicroGrid];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Level::City => "city",
            Level::District => "district",
            Level::Street => "street",
            Level::Community => "community",
            Level::Grid => "grid",
            Level::MicroGrid => "micro_grid",
        }
    }
    /// From the number that division files use: 2 city, 3 district, 4 street, 5 community.
    pub fn from_division(number: u8) -> Option<Self> {
        match number {
            2 => Some(Level::City),
            3 => Some(Level::District),
            4 => Some(Level::Street),
            5 => Some(Level::Community),
            _ => None,
        }
    }
}

/// Fewest households of a micro-grid before a warning.
pub const MICRO_GRID_HOUSEHOLDS_MIN: usize = 30;
/// Most households of a micro-grid before a warning.
pub const MICRO_GRID_HOUSEHOLDS_MAX: usize = 50;

/// A unit. Closed by `to`, never deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrgUnit {
    /// Level.
    pub level: Level,
    /// Name in Chinese.
    pub name: String,
    /// The 12-digit division code, down to the community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The unit above; none for the city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// When it began, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// The id of a unit that a division code names. Derived, so importing the same tree twice changes nothing.
pub fn id_of_division(code: &str) -> UnitId {
    UnitId(crate::ids::derived(&["division", code]))
}

/// The id of a micro-grid that a roster names within its community.
pub fn id_of_micro_grid(community: UnitId, name: &str) -> UnitId {
    UnitId(crate::ids::derived(&["micro_grid", &community.to_string(), name]))
}

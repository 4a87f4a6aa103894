//! What supervisors ask, each defined once. A rate is a pair of counts and stays one until it is printed, so that nobody averages
//! percentages. Nothing here ranks a worker or a resident.

use serde::{Deserialize, Serialize};

/// A definition that reports, pages and documents quote.
#[derive(Clone, Copy, Debug)]
pub struct Indicator {
    /// Id on the wire and in the message table (`indicator.…`).
    pub id: &'static str,
    /// What is counted above the line.
    pub numerator: &'static str,
    /// What is counted below the line.
    pub denominator: &'static str,
}

/// 走访覆盖率.
pub const COVERAGE: Indicator = Indicator {
    id: "coverage",
    numerator: "current households with at least one visit in the period whose outcome is done and which is not void",
    denominator: "households current on the last day of the period",
};
/// 办结率.
pub const SETTLED: Indicator =
    Indicator { id: "settled", numerator: "matters closed", denominator: "matters accepted" };
/// 按时率.
pub const ON_TIME: Indicator =
    Indicator { id: "on_time", numerator: "matters closed that were answered when due", denominator: "matters closed" };
/// 解决率.
pub const RESOLVED: Indicator =
    Indicator { id: "resolved", numerator: "matters closed as resolved", denominator: "matters closed" };
/// 满意率.
pub const SATISFIED: Indicator =
    Indicator { id: "satisfied", numerator: "matters verified as satisfied", denominator: "matters verified" };
/// 回音率.
pub const ANSWERED: Indicator =
    Indicator { id: "answered", numerator: "matters answered", denominator: "matters reported" };

/// All of them.
pub const INDICATORS: [Indicator; 6] = [COVERAGE, SETTLED, ON_TIME, RESOLVED, SATISFIED, ANSWERED];

/// Two counts. Adding rates of parts gives the rate of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
}

impl Rate {
    /// Tenths of a percent, rounded down, so that 100 % means all; `None` when there is nothing to divide by.
    pub fn permille(self) -> Option<u64> {
        (self.numerator * 1000).checked_div(self.denominator)
    }
}

impl std::ops::Add for Rate {
    type Output = Rate;
    fn add(self, other: Rate) -> Rate {
        Rate { numerator: self.numerator + other.numerator, denominator: self.denominator + other.denominator }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.permille() {
            Some(tenths) => write!(f, "{}.{}%", tenths / 10, tenths % 10),
            None => f.write_str("–"),
        }
    }
}

//! What is printed of the big phone: one JSON line a figure, and a table of them all beside their goals.

use crate::bench::figures::{percentile, rounded};
use serde::{Deserialize, Serialize};

/// The least, the middle and the greatest of some measurements.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Least.
    pub min: f64,
    /// Middle.
    pub median: f64,
    /// Greatest.
    pub max: f64,
}

impl Spread {
    /// Of some numbers.
    pub fn of(values: &[f64]) -> Spread {
        let at = |share| rounded(percentile(values, share));
        Spread { min: at(0.0), median: at(0.5), max: at(1.0) }
    }
    fn text(&self) -> String {
        format!("{:.2} / {:.2} / {:.2}", self.min, self.median, self.max)
    }
}

/// One figure of a phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BigFigure {
    /// `W8 list`, `W8 search`, `W8 open`, `W8 file`, `W8 memory` or `W8 time`.
    pub case: String,
    /// Always `sqlcipher`.
    pub store: String,
    /// Visits on the phone.
    pub visits: usize,
    /// What was read or measured.
    pub what: String,
    /// Rows that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// `ms`, `s` or `MB` (of 1,000,000 bytes).
    pub unit: String,
    /// The first time after the database was opened; for what is not a call, all that was measured.
    pub first: Spread,
    /// Once more, and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Spread>,
    /// What was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<f64>,
    /// Whether the median of each way is below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
}

impl BigFigure {
    /// A figure that nothing was promised of.
    pub fn new(case: &str, visits: usize, what: &str, unit: &str, values: &[f64]) -> BigFigure {
        BigFigure {
            case: case.to_owned(),
            store: "sqlcipher".to_owned(),
            visits,
            what: what.to_owned(),
            rows: None,
            unit: unit.to_owned(),
            first: Spread::of(values),
            again: None,
            goal: None,
            reached: None,
        }
    }
    /// With what was promised.
    pub fn against(self, goal: f64) -> BigFigure {
        let reached = self.first.median < goal && self.again.is_none_or(|again| again.median < goal);
        BigFigure { goal: Some(goal), reached: Some(reached), ..self }
    }
}

/// All figures as a table, those that missed their goal named below.
pub fn summary(all: &[BigFigure]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["case", "visits", "what", "rows", "first (min / median / max)", "again", "", "goal", ""]);
    for figure in all {
        table.add_row([
            figure.case.clone(),
            figure.visits.to_string(),
            figure.what.clone(),
            figure.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            figure.first.text(),
            figure.again.map(|again| again.text()).unwrap_or_default(),
            figure.unit.clone(),
            figure.goal.map(|goal| format!("< {goal}")).unwrap_or_default(),
            figure.reached.map_or("", |reached| if reached { "reached" } else { "NOT REACHED" }).to_owned(),
        ]);
    }
    let missed: Vec<String> = all
        .iter()
        .filter(|figure| figure.reached == Some(false))
        .map(|figure| format!("{} visits: {}", figure.visits, figure.what))
        .collect();
    let said = match missed.is_empty() {
        true => "every goal reached".to_owned(),
        false => format!("goals not reached: {}", missed.join("; ")),
    };
    format!("{table}\n{said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_missed_by_either_median_and_the_summary_names_it() {
        let figure = |first: &[f64], again: &[f64]| {
            let figure = BigFigure::new("W8 list", 8_000, "测试", "ms", first);
            BigFigure { again: Some(Spread::of(again)), ..figure }.against(20.0)
        };
        assert_eq!(figure(&[1.0, 19.0, 50.0], &[1.0]).reached, Some(true), "one slow run is the machine's");
        let missed = figure(&[1.0, 21.0, 22.0], &[1.0]);
        assert_eq!((missed.reached, figure(&[1.0], &[25.0]).reached), (Some(false), Some(false)));
        assert!(summary(&[missed]).ends_with("goals not reached: 8000 visits: 测试"));
        assert!(summary(&[figure(&[1.0], &[1.0])]).ends_with("every goal reached"));
    }
}

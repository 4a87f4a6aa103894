//! Made-up homes as a community would hand them in: a CSV with Chinese headers. Everybody in it is visibly made up (测试户…, 1390000…).

use crate::dice::Dice;
use std::fmt::Write as _;
use zoufang_domain::unit::{MICRO_GRID_HOUSEHOLDS_MAX, MICRO_GRID_HOUSEHOLDS_MIN};

/// The header row.
pub const HEADER: &str = "社区代码,微网格,楼栋,单元,室,联系人,电话,人数,居住类型\n";

/// Homes on a floor, floors of a stairwell and stairwells of a building, as they are numbered.
const ROOMS_PER_FLOOR_COUNT: usize = 2;
const FLOORS_COUNT: usize = 6;
const STAIRWELLS_COUNT: usize = 3;
/// Numbers 1390000 0000 to 9999 stand for made-up phones.
const PHONES_COUNT: usize = 10_000;

/// A roster in the making.
#[derive(Debug)]
pub struct Roster {
    csv: String,
    homes_count: usize,
}

impl Default for Roster {
    fn default() -> Self {
        Roster { csv: HEADER.to_owned(), homes_count: 0 }
    }
}

impl Roster {
    /// Adds a micro-grid with so many homes.
    pub fn add_micro_grid(&mut self, community_code: &str, micro_grid: &str, homes_count: usize, dice: &mut Dice) {
        for at in 0..homes_count {
            let number = self.homes_count + 1;
            let (building, unit, room) = place(at);
            let use_word =
                ["自住", "自住", "自住", "自住", "自住", "自住", "出租", "出租", "空置", "商铺"][dice.below(10)];
            let people_count = if use_word == "空置" { 0 } else { dice.between(1, 6) };
            let phone = number % PHONES_COUNT;
            // Writing into a string cannot fail.
            let _ = writeln!(
                self.csv,
                "{community_code},{micro_grid},{building},{unit},{room},测试户{number:04},1390000{phone:04},{people_count},{use_word}"
            );
            self.homes_count += 1;
        }
    }
    /// Adds a micro-grid of 30 to 50 homes.
    pub fn add_usual_micro_grid(&mut self, community_code: &str, micro_grid: &str, dice: &mut Dice) {
        let homes_count = dice.between(MICRO_GRID_HOUSEHOLDS_MIN, MICRO_GRID_HOUSEHOLDS_MAX);
        self.add_micro_grid(community_code, micro_grid, homes_count, dice);
    }
    /// How many homes it has.
    pub fn homes_count(&self) -> usize {
        self.homes_count
    }
    /// The file.
    pub fn csv(&self) -> &str {
        &self.csv
    }
}

/// Building, stairwell and room of a micro-grid's home, from 0.
fn place(at: usize) -> (usize, usize, usize) {
    let per_unit = ROOMS_PER_FLOOR_COUNT * FLOORS_COUNT;
    let (unit, within) = (at / per_unit, at % per_unit);
    let room = (within / ROOMS_PER_FLOOR_COUNT + 1) * 100 + within % ROOMS_PER_FLOOR_COUNT + 1;
    (unit / STAIRWELLS_COUNT + 1, unit % STAIRWELLS_COUNT + 1, room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use zoufang_sync_server::import::roster::{self, RosterOptions};

    #[test]
    fn a_roster_reads_without_an_error_and_no_address_repeats() {
        let (mut made, mut dice) = (Roster::default(), Dice::new(3));
        made.add_usual_micro_grid("140303007006", "测试微网格1", &mut dice);
        made.add_usual_micro_grid("140303007006", "测试微网格2", &mut dice);
        let read = roster::read(std::io::Cursor::new(made.csv().as_bytes()), &RosterOptions::default()).unwrap();
        assert_eq!(read.report.errors_count, 0);
        assert_eq!(read.rows.len(), made.homes_count());
        let places: HashSet<_> =
            read.rows.iter().map(|row| (&row.micro_grid, &row.building, &row.unit, &row.room)).collect();
        assert_eq!(places.len(), made.homes_count());
        assert!(read.rows.iter().all(|row| row.contact_name.as_deref().is_some_and(|name| name.starts_with("测试户"))));
    }
}

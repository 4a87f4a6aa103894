//! Lists that are short on a phone with many rows: found by their index, not among all rows.

use crate::phone::Phone;
use zoufang_core::Error;
use zoufang_core::conflicts::CONTESTED;
use zoufang_core::matters::{OVERDUE, WAITING};

/// The steps by which SQLite would answer.
fn plan(phone: &Phone, sql: &str) -> Vec<String> {
    let plan: Result<Vec<String>, Error> = phone.store.read(|c| {
        let mut asked = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = asked.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get(3)?);
        }
        Ok(steps)
    });
    plan.unwrap()
}

#[test]
fn conflicts_are_found_by_their_index() {
    let plan = plan(&Phone::manager(), CONTESTED);
    assert!(plan[0].contains("USING INDEX record_conflicts"), "{plan:?}");
}

#[test]
fn matters_that_wait_are_read_in_the_order_of_their_index_and_sorted_no_more() {
    let phone = Phone::manager();
    for sql in [WAITING, OVERDUE] {
        let plan = plan(&phone, sql);
        assert!(plan.len() == 1 && plan[0].contains("USING INDEX record_due"), "{plan:?}");
    }
}

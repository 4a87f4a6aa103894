//! What people decided of a phone's work in quarantine, told to that phone once.

use crate::store::StoreError;
use rusqlite::Connection;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::wire::pull::{SettledHow, SettledWork};

/// What was settled after a number of the settling order, and the number up to which this tells. What was accepted counts and is not
/// told: its record comes as a row.
pub(super) fn since(c: &Connection, device: DeviceId, after: i64) -> Result<(Vec<SettledWork>, i64), StoreError> {
    let sql = "SELECT settle_seq, counter, settled_how, answer, settled_ms FROM quarantine
               WHERE device = ?1 AND settle_seq > ?2 ORDER BY settle_seq";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((device.as_bytes(), after))?;
    let (mut told, mut last) = (Vec::new(), after);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let how = match row.get_ref(2)?.as_str().unwrap_or_default() {
            "rehomed" => SettledHow::Rehomed,
            "refused" => SettledHow::Refused,
            _ => continue,
        };
        let counter = row.get::<_, i64>(1)?.max(0) as u64;
        told.push(SettledWork { counter, how, answer: row.get(3)?, at: Moment::from_ms(row.get(4)?) });
    }
    Ok((told, last))
}

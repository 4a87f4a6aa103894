//! One field written by several people: a register that keeps every value that nobody has yet replaced knowingly.

use crate::conflict::contested;
use crate::ids::OpId;
use crate::order;
use crate::planted::{self, Defect};
use crate::record::{Head, Record};
use serde_json::Value;

/// Writes `mine` over the values of the operations in `seen`. Returns whether values now stand against each other.
pub(super) fn write(record: &mut Record, name: &str, seen: &[OpId], mine: Head) -> bool {
    let mut heads = standing(record, name);
    if heads.iter().any(|head| head.v.op() == mine.v.op()) {
        return false;
    }
    heads.retain(|head| !seen.contains(&head.v.op()));
    heads.push(mine);
    order::sort_by_key(&mut heads, |head| std::cmp::Reverse(head.v));
    if planted::is(Defect::LoserVanishes) {
        heads.truncate(1);
    }
    let disagree = contested(&heads);
    match heads.first().map(|head| &head.value) {
        // A cleared field shows as an absent one.
        Some(Value::Null) | None => record.f.remove(name),
        Some(value) => record.f.insert(name.to_owned(), value.clone()),
    };
    record.heads.insert(name.to_owned(), heads);
    disagree
}

/// The values of a field that stand. A field untouched since creation stands with the record's own version and author.
fn standing(record: &Record, name: &str) -> Vec<Head> {
    match (record.heads.get(name), record.f.get(name)) {
        (Some(heads), _) => heads.clone(),
        (None, Some(value)) => vec![Head { v: record.v, who: record.who, value: value.clone(), was: Value::Null }],
        (None, None) => Vec::new(),
    }
}

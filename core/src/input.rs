//! What a person entered, on its way into an operation: checked, put in one form, and reduced to what really changes.

use crate::changes::ChangeSet;
use crate::error::Error;
use crate::store::records;
use crate::work::Work;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::conflict;
use zoufang_domain::operation::Fields;
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::validate::NAME_MAX_CHARS;
use zoufang_domain::visit::Duty;

/// A noun's own type as fields of an operation.
pub(crate) fn fields_of<T: Serialize>(noun: &T) -> Result<Fields, Error> {
    match serde_json::to_value(noun) {
        Ok(Value::Object(fields)) => Ok(order::gather(fields)),
        _ => Err(Error::Invalid { field: "fields".into() }),
    }
}

/// Writes the fields that differ from what is shown. Nothing is written, and nothing said, when none does.
pub(crate) fn set(work: &mut Work<'_, '_>, kind: Kind, id: Uuid, fields: Fields) -> Result<ChangeSet, Error> {
    let known: Record = records::get(work.tx, kind, id)?.record;
    set_in(work, &known, fields)
}

/// As [`set`], for a record that was read.
pub(crate) fn set_in(work: &mut Work<'_, '_>, known: &Record, mut fields: Fields) -> Result<ChangeSet, Error> {
    let (kind, id) = (known.kind, known.id);
    fields.retain(|name, value| known.f.get(name).unwrap_or(&Value::Null) != value);
    if fields.is_empty() {
        return Ok(ChangeSet::default());
    }
    work.perform(known.area, kind, id, conflict::edit(known, fields))?;
    Ok(ChangeSet::of(&[(kind, id)]))
}

/// A name or phone number: something, and not too long.
pub(crate) fn check_name(field: &str, name: Option<&str>) -> Result<(), Error> {
    let fits = |name: &str| !name.trim().is_empty() && name.chars().count() <= NAME_MAX_CHARS;
    if name.is_none_or(fits) { Ok(()) } else { Err(Error::Invalid { field: field.to_owned() }) }
}

/// Tags once each, in one order, so that the same choice is the same text.
pub(crate) fn distinct(duties: &[Duty]) -> Vec<Duty> {
    let mut duties = duties.to_vec();
    order::sort(&mut duties);
    duties.dedup();
    duties
}

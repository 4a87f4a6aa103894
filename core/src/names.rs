//! What people call the things that a screen names: staff by their name, homes by their address, a record by what stands on its door.

use crate::error::Error;
use crate::store::profile::Profile;
use crate::store::records;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::home::Address;
use zoufang_domain::ids::{HouseholdId, StaffId, UnitId};
use zoufang_domain::operation::Fields;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// The name of a member of staff, if the phone knows it.
pub(crate) fn of_staff(c: &Connection, profile: &Profile, who: StaffId) -> Result<Option<String>, Error> {
    if who == profile.staff {
        return Ok(Some(profile.staff_name.clone()));
    }
    let known = records::find(c, Kind::Staff, who.0)?;
    Ok(known.and_then(|stored| text(&stored.record.f, "name")))
}

/// Where a household stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The micro-grid.
    pub(crate) area: UnitId,
    /// The last day, once closed.
    pub(crate) to: Option<chrono::NaiveDate>,
}

/// Where a household stands.
///
/// # Errors
/// [`Error::NotFound`] when it is not on this phone.
pub(crate) fn place(c: &Connection, household: HouseholdId) -> Result<Place, Error> {
    find_place(c, household)?.ok_or(Error::NotFound { what: "household" })
}

/// Where a household stands, if it is on this phone.
pub(crate) fn find_place(c: &Connection, household: HouseholdId) -> Result<Option<Place>, Error> {
    // The last day is read from the JSON only where there is one: reading the two columns costs a third of parsing the record.
    let found = c
        .prepare_cached(
            "SELECT area, iif(status = 'closed', body ->> '$.f.to', NULL) FROM record WHERE kind = ? AND id = ?",
        )?
        .query_row(params![Kind::Household.number(), household.as_bytes()], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    Ok(found.map(|(area, to)| Place { area: UnitId(Uuid::from_bytes(area)), to: to.and_then(|day| day.parse().ok()) }))
}

/// What a household is called: its address and its contact person.
pub(crate) fn of_home(c: &Connection, household: HouseholdId) -> Result<String, Error> {
    let Some(home) = records::find(c, Kind::Household, household.0)? else { return Ok(String::new()) };
    of_household(c, &home.record)
}

fn of_household(c: &Connection, household: &Record) -> Result<String, Error> {
    let contact = text(&household.f, "contact").unwrap_or_default();
    let dwelling = text(&household.f, "dwelling").and_then(|id| Uuid::parse_str(&id).ok());
    let dwelling = dwelling.map(|id| records::find(c, Kind::Dwelling, id)).transpose()?.flatten();
    let address = dwelling.map(|stored| address_text(&stored.record.f)).unwrap_or_default();
    Ok(match (address.is_empty(), contact.is_empty()) {
        (false, false) => format!("{address} {contact}"),
        _ => address + &contact,
    })
}

/// What any record is called, and whose home it is about.
pub(crate) fn of_record(c: &Connection, record: &Record) -> Result<(String, Option<HouseholdId>), Error> {
    let home_of = |name: &str| text(&record.f, name).and_then(|id| Uuid::parse_str(&id).ok()).map(HouseholdId);
    match record.kind {
        Kind::Household => Ok((of_household(c, record)?, Some(HouseholdId(record.id)))),
        Kind::Dwelling => Ok((address_text(&record.f), household_in(c, record.id)?)),
        Kind::Resident => Ok((text(&record.f, "name").unwrap_or_default(), home_of_resident(c, record.id)?)),
        Kind::Matter => Ok((text(&record.f, "summary").unwrap_or_default(), home_of("household"))),
        Kind::Visit | Kind::Residency | Kind::Appointment | Kind::VisitTask => {
            let household = home_of("household");
            Ok((household.map(|id| of_home(c, id)).transpose()?.unwrap_or_default(), household))
        }
        Kind::OrgUnit
        | Kind::Staff
        | Kind::Assignment
        | Kind::CadenceRule
        | Kind::MustVisitList
        | Kind::MatterRule
        | Kind::FormDefinition
        | Kind::CareNeedType => Ok((text(&record.f, "name").unwrap_or_default(), None)),
        Kind::CareNeed | Kind::RightsRequest | Kind::Restriction => {
            let household = match (home_of("household"), text(&record.f, "resident").and_then(|id| id.parse().ok())) {
                (Some(household), _) => Some(household),
                (None, Some(resident)) => home_of_resident(c, resident)?,
                (None, None) => None,
            };
            Ok((household.map(|id| of_home(c, id)).transpose()?.unwrap_or_default(), household))
        }
        Kind::Notice => Ok((text(&record.f, "title").unwrap_or_default(), None)),
        Kind::NoticeReceipt => {
            let notice = text(&record.f, "notice").and_then(|id| Uuid::parse_str(&id).ok());
            let notice = notice.map(|id| records::find(c, Kind::Notice, id)).transpose()?.flatten();
            Ok((notice.and_then(|stored| text(&stored.record.f, "title")).unwrap_or_default(), None))
        }
        Kind::Calendar => Ok((record.f.get("year").map(Value::to_string).unwrap_or_default(), None)),
    }
}

/// The household that lives in a dwelling now.
pub(crate) fn household_in(c: &Connection, dwelling: Uuid) -> Result<Option<HouseholdId>, Error> {
    let mut found = c.prepare_cached(
        "SELECT id FROM record WHERE kind = ? AND parent = ? ORDER BY status <> 'current', row DESC LIMIT 1",
    )?;
    first_id(&mut found, params![Kind::Household.number(), dwelling.as_bytes()])
}

/// The home of a resident: that of the current period of residence, or of the last one. A period's `sort` column holds its resident.
pub(crate) fn home_of_resident(c: &Connection, resident: Uuid) -> Result<Option<HouseholdId>, Error> {
    let mut found = c.prepare_cached(
        "SELECT parent FROM record WHERE kind = ? AND sort = ? ORDER BY status <> 'current', row DESC LIMIT 1",
    )?;
    first_id(&mut found, params![Kind::Residency.number(), resident.to_string()])
}

fn first_id(
    found: &mut rusqlite::CachedStatement<'_>,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Option<HouseholdId>, Error> {
    let id: Option<Option<[u8; 16]>> = found.query_row(values, |row| row.get(0)).optional()?;
    Ok(id.flatten().map(|bytes| HouseholdId(Uuid::from_bytes(bytes))))
}

/// A text field, if it is there and not empty.
pub(crate) fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The address field as people say it; empty when it is missing.
pub(crate) fn address_text(fields: &Fields) -> String {
    address(fields).map(|address| address.to_string()).unwrap_or_default()
}

/// The address field.
pub(crate) fn address(fields: &Fields) -> Option<Address> {
    fields.get("address").and_then(|value| Address::deserialize(value).ok())
}

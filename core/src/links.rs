//! Households that were split or merged: whose visits and matters a home's lists show. The visits and matters themselves stay with the
//! household that they were made for.

use crate::error::Error;
use crate::households::last_visit_of;
use crate::store::records;
use crate::views::HomeView;
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Household;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::schema::Kind;

/// Most households that one home's lists reach over its links. Links that lead in a circle end there too.
const LINKED_MAX_COUNT: usize = 16;

/// A household whose visits and matters a list shows.
struct Shown {
    household: HouseholdId,
    /// Only those of before this day: what came after a split is the other household's own.
    before: Option<chrono::NaiveDate>,
}

/// The condition on `parent` and `sort` for all visits or matters that a home shows, with its values: the home's own, those of households
/// that became part of it, and those of before it split off.
pub(crate) fn condition(c: &Connection, household: HouseholdId) -> Result<(String, Vec<Value>), Error> {
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for shown in shown(c, household)? {
        values.push(Value::Blob(shown.household.as_bytes().to_vec()));
        match shown.before {
            None => parts.push("parent = ?"),
            Some(day) => {
                parts.push("parent = ? AND sort < ?");
                values.push(Value::Text(Moment::start_of(day).to_string()));
            }
        }
    }
    Ok((format!("({})", parts.join(" OR ")), values))
}

fn shown(c: &Connection, household: HouseholdId) -> Result<Vec<Shown>, Error> {
    let mut all = vec![Shown { household, before: None }];
    let merged = merged(c)?;
    let mut at = 0;
    while let Some(Shown { household, before }) = all.get(at) {
        let (household, before) = (*household, *before);
        at += 1;
        let mut found: Vec<Shown> = Vec::new();
        let parts = merged.iter().filter(|(_, into)| *into == household);
        found.extend(parts.map(|(part, _)| Shown { household: *part, before }));
        let known = records::find(c, Kind::Household, household.0)?;
        if let Some(noun) = known.and_then(|stored| stored.record.read::<Household>().ok())
            && let Some(origin) = noun.split_from
        {
            let day = before.map_or(noun.from, |before| before.min(noun.from));
            found.push(Shown { household: origin, before: Some(day) });
        }
        for one in found {
            if all.len() < LINKED_MAX_COUNT && all.iter().all(|known| known.household != one.household) {
                all.push(one);
            }
        }
    }
    Ok(all)
}

/// Which household a household is part of by now: itself, unless it became part of another.
pub(crate) struct Whole(HashMap<HouseholdId, HouseholdId>);

impl Whole {
    /// Of all households on this phone.
    pub(crate) fn read(c: &Connection) -> Result<Self, Error> {
        Ok(Whole(merged(c)?.into_iter().collect()))
    }
    /// Of one.
    pub(crate) fn of(&self, household: HouseholdId) -> HouseholdId {
        let next = |household: &HouseholdId| self.0.get(household).copied();
        std::iter::successors(Some(household), next).take(LINKED_MAX_COUNT).last().unwrap_or(household)
    }
}

/// Every household on this phone that became part of another, with that other. Few: read from the list index but for closed ones.
fn merged(c: &Connection) -> Result<Vec<(HouseholdId, HouseholdId)>, Error> {
    let mut found =
        c.prepare_cached("SELECT id, class FROM record WHERE kind = 5 AND status = 'closed' AND class <> ''")?;
    let rows = found.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?)))?;
    let mut merged = Vec::new();
    for row in rows {
        let (part, into) = row?;
        merged.extend(into.parse().ok().map(|into| (HouseholdId(Uuid::from_bytes(part)), into)));
    }
    Ok(merged)
}

/// Adds to homes what stands with the households that became part of them: open matters must not drop out of sight with a closed
/// household, and a visit there was a visit to these people.
pub(crate) fn add_merged(c: &Connection, homes: &mut [HomeView]) -> Result<(), Error> {
    let merged = merged(c)?;
    if merged.is_empty() {
        return Ok(());
    }
    let mut parts: HashMap<HouseholdId, Vec<HouseholdId>> = HashMap::new();
    merged.iter().for_each(|(part, into)| parts.entry(*into).or_default().push(*part));
    for home in homes {
        let mut all = vec![home.household];
        let mut at = 0;
        while let Some(household) = all.get(at).copied().filter(|_| all.len() < LINKED_MAX_COUNT) {
            at += 1;
            let more = parts.get(&household).into_iter().flatten().copied();
            let more: Vec<HouseholdId> = more.filter(|one| !all.contains(one)).collect();
            all.extend(more);
        }
        for part in &all[1..] {
            let mut count = c.prepare_cached(
                "SELECT count(*) FROM record WHERE kind = 9 AND parent = ? AND status NOT IN ('closed', 'withdrawn', 'merged')",
            )?;
            home.open_matters_count += count.query_row(params![part.as_bytes()], |row| row.get::<_, u32>(0))?;
            let there = last_visit_of(c, *part)?;
            home.last_visit = home.last_visit.into_iter().chain(there).max_by_key(|visit| visit.at);
        }
    }
    Ok(())
}

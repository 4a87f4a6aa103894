//! Households that split 分户 and merge 并户. Each is one transaction, and the households keep a link: visits and matters stay where they
//! were made, and a home's lists follow the link.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::households::{self, HomeDraft};
use crate::moves::{self, NextHome};
use crate::residents::current_in;
use crate::store::records;
use crate::views::HomeView;
use crate::work::Work;
use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_domain::home::Household;
use zoufang_domain::ids::{HouseholdId, ResidencyId};
use zoufang_domain::record::Record;
use zoufang_domain::resident::Residency;
use zoufang_domain::schema::Kind;

/// Most people that one split moves.
pub const PEOPLE_MOVED_MAX_COUNT: usize = 50;

/// A household about to split off another.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitDraft {
    /// The household that it splits off.
    pub household: HouseholdId,
    /// The current periods of residence of the people who go with it; at least one.
    pub residencies: Vec<ResidencyId>,
    /// The new home. `shares_dwelling` says that it stays in the same dwelling, or in another that is lived in; `from` is the day of the
    /// split, today if not said.
    pub home: HomeDraft,
}

impl Core {
    /// Splits a household: some of its people begin one of their own, in the same dwelling or another. What kind of residence theirs is stays as
    /// it was. Must-visit lists stay with the household that was.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the household or a period; [`Error::Invalid`] with field `household` when it is closed, `residencies` when
    /// none or too many are named or one is not a current period of it, `from` when the day lies before the household's
    /// first and `on` when before a period's, or naming a field of the new home; [`Error::NotAllowed`].
    pub fn split_household(&self, draft: &SplitDraft) -> Result<HomeView, Error> {
        if draft.residencies.is_empty() || draft.residencies.len() > PEOPLE_MOVED_MAX_COUNT {
            return Err(Error::Invalid { field: "residencies".into() });
        }
        self.work(|work| {
            let on = draft.home.from.unwrap_or_else(|| work.now().day());
            let origin = open_household(work, draft.household, "household")?;
            if on < origin.from {
                return Err(Error::Invalid { field: "from".into() });
            }
            let current = current_in(work.tx, draft.household)?;
            let going = draft.residencies.iter().map(|id| current.iter().find(|period| period.id == id.0));
            let going: Option<Vec<&Record>> = going.collect();
            let going = going.ok_or(Error::Invalid { field: "residencies".into() })?;
            let home = HomeDraft { from: Some(on), ..draft.home.clone() };
            let (split, mut touched) = households::add(work, &home, Some(draft.household))?;
            for period in going {
                touched.extend(go(work, period, split, on)?);
            }
            Ok((households::home(work.tx, split)?, ChangeSet::of(&touched)))
        })
    }
    /// Merges a household into another on a day, today if none is said: the first is closed with a link to the second, and the people who live in
    /// it go on living in the second. What kind of residence theirs is stays as it was. Gives the second.
    ///
    /// # Errors
    /// [`Error::NotFound`] without one of them; [`Error::Invalid`] with field `household` or `into` when that one is closed, `into` when both are
    /// the same, `on` when the day lies before the first day of either or of a period; [`Error::NotAllowed`].
    pub fn merge_households(
        &self,
        household: HouseholdId,
        into: HouseholdId,
        on: Option<NaiveDate>,
    ) -> Result<HomeView, Error> {
        if household == into {
            return Err(Error::Invalid { field: "into".into() });
        }
        self.work(|work| {
            let on = on.unwrap_or_else(|| work.now().day());
            let first = open_household(work, household, "household")?;
            let second = open_household(work, into, "into")?;
            if on < first.from || on < second.from {
                return Err(Error::Invalid { field: "on".into() });
            }
            let known_there: Vec<Residency> =
                current_in(work.tx, into)?.iter().map(Record::read).collect::<Result<_, _>>()?;
            let mut touched = Vec::new();
            for period in current_in(work.tx, household)? {
                let who = period.read::<Residency>()?.resident;
                // Who lives in both has no new period to begin; theirs here ends with the household.
                if known_there.iter().all(|there| there.resident != who) {
                    touched.extend(go(work, &period, into, on)?);
                }
            }
            let last = on.pred_opt().unwrap_or(on).max(first.from);
            touched.extend(households::close(work, household, last, Some(into))?);
            Ok((households::home(work.tx, into)?, ChangeSet::of(&touched)))
        })
    }
}

fn open_household(work: &Work<'_, '_>, id: HouseholdId, field: &str) -> Result<Household, Error> {
    let household: Household = records::get(work.tx, Kind::Household, id.0)?.record.read()?;
    match household.to {
        None => Ok(household),
        Some(_) => Err(Error::Invalid { field: field.to_owned() }),
    }
}

fn go(
    work: &mut Work<'_, '_>,
    period: &Record,
    household: HouseholdId,
    on: NaiveDate,
) -> Result<[(Kind, Uuid); 3], Error> {
    let known: Residency = period.read()?;
    let next =
        NextHome { household, kind: known.kind, lives_where_registered: known.lives_where_registered, on: Some(on) };
    let begun = moves::move_on(work, period, &next, on)?;
    Ok([(Kind::Residency, period.id), (Kind::Residency, begun), (Kind::Resident, known.resident.0)])
}

//! Who may be known already: hints before a resident is added, from the residents of this phone's areas. Nothing is blocked by them: two
//! people may share a name, a phone and a year.

use crate::Core;
use crate::error::Error;
use crate::input::check_name;
use crate::names;
use crate::rights;
use crate::search::{CANDIDATES_MAX_COUNT, expression_of, initials, normal};
use crate::store::search::{self, PLACE, initials_pair};
use crate::store::{profile, records};
use crate::views::{LikelySameView, Likeness};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use zoufang_domain::ids::ResidentId;
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::resident::Resident;
use zoufang_domain::schema::Kind;

/// Most hints that are given.
pub const HINTS_MAX_COUNT: usize = 20;
/// Digits from which on a number is compared: fewer are an extension or a mistake.
const PHONE_MIN_DIGITS: usize = 5;
/// Last digits by which the index is asked for a phone number: it may be written in groups, and these mostly stand together.
const PHONE_LAST_DIGITS: usize = 4;
/// The country's own prefix, left out where a number is longer than a mobile's 11 digits.
const COUNTRY_PREFIX: &str = "86";
const MOBILE_DIGITS: usize = 11;

impl Core {
    /// Residents on this phone who may be the one about to be added, the strongest reason first; at most [`HINTS_MAX_COUNT`]. A name counts only
    /// while no other year of birth is known; a phone number always. While the index is still behind after a first sync, hints may be
    /// missing.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `name` or `phone` for a text that no resident could have; [`Error::NotEnrolled`]; otherwise when the
    /// store fails.
    pub fn likely_same(
        &self,
        name: &str,
        phone: Option<&str>,
        birth_year: Option<i32>,
    ) -> Result<Vec<LikelySameView>, Error> {
        check_name("name", Some(name))?;
        check_name("phone", phone)?;
        let asked = Asked { name: name_of(name), phone: phone.and_then(digits_of), birth_year };
        self.read(profile::get)?;
        self.index_for_search()?;
        self.read(|c| asked.hints(c))
    }
}

struct Asked {
    name: Vec<char>,
    phone: Option<String>,
    birth_year: Option<i32>,
}

impl Asked {
    fn hints(&self, c: &Connection) -> Result<Vec<LikelySameView>, Error> {
        let mut found: BTreeMap<ResidentId, LikelySameView> = BTreeMap::new();
        for record in self.candidates(c)? {
            let Ok(resident) = record.read::<Resident>() else { continue };
            let why = self.why(&resident);
            let is_shown = profile::role_in(c, record.area)?.is_some() && !rights::is_restricted(c, record.id.into())?;
            if why.is_empty() || !is_shown {
                continue;
            }
            let household = names::home_of_resident(c, record.id)?;
            let view = LikelySameView {
                resident: ResidentId(record.id),
                name: resident.name,
                birth_year: resident.birth_year,
                phone: resident.phone,
                household,
                home: household.map(|id| names::of_home(c, id)).transpose()?.unwrap_or_default(),
                why,
            };
            // Who is known in two areas is one person.
            let shown = found.entry(view.resident).or_insert_with(|| view.clone());
            if view.why < shown.why {
                *shown = view;
            }
        }
        let mut hints: Vec<LikelySameView> = found.into_values().collect();
        order::sort_by(&mut hints, |a, b| (&a.why, &a.name, a.resident).cmp(&(&b.why, &b.name, b.resident)));
        hints.truncate(HINTS_MAX_COUNT);
        Ok(hints)
    }
    /// Those who may be like: by the index, and by the whole name, since a name of one character has no pair.
    fn candidates(&self, c: &Connection) -> Result<Vec<Record>, Error> {
        let mut bodies: Vec<String> = Vec::new();
        for expression in [self.phone_expression(), self.name_expression()].into_iter().flatten() {
            let rows = search::find(c, &format!("({expression}) AND {PLACE}"), i64::MAX, CANDIDATES_MAX_COUNT)?;
            bodies.extend(rows.into_iter().map(|row| row.body));
        }
        let mut named =
            c.prepare_cached("SELECT body FROM record WHERE kind = ?1 AND parent IS NULL AND sort = ?2 LIMIT ?3")?;
        let name: String = self.name.iter().collect();
        let values = params![Kind::Resident.number(), name, CANDIDATES_MAX_COUNT as i64];
        for body in named.query_map(values, |row| row.get::<_, String>(0))? {
            bodies.push(body?);
        }
        let read = bodies.iter().filter_map(|body| records::parse(body).ok());
        Ok(read.filter(|record| record.kind == Kind::Resident).collect())
    }
    fn phone_expression(&self) -> Option<String> {
        let digits: Vec<char> = self.phone.as_ref()?.chars().collect();
        Some(expression_of(&digits[digits.len().checked_sub(PHONE_LAST_DIGITS)?..]))
    }
    fn name_expression(&self) -> Option<String> {
        let letters: Vec<Vec<char>> = self.name.iter().map(|c| initials(*c)).collect();
        let pairs = letters.windows(2).map(|two| {
            let either: Vec<String> =
                two[0].iter().flat_map(|first| two[1].iter().map(|second| initials_pair(*first, *second))).collect();
            (!either.is_empty()).then(|| format!("({})", either.join(" OR ")))
        });
        let pairs: Option<Vec<String>> = pairs.collect();
        pairs.filter(|pairs| !pairs.is_empty()).map(|pairs| pairs.join(" AND "))
    }
    fn why(&self, known: &Resident) -> Vec<Likeness> {
        let mut why = Vec::new();
        let years = self.birth_year.zip(known.birth_year);
        let (is_same_year, is_other_year) =
            (years.is_some_and(|(one, other)| one == other), years.is_some_and(|(one, other)| one != other));
        let phone = known.phone.as_deref().and_then(digits_of);
        if self.phone.is_some() && self.phone == phone {
            why.push(Likeness::Phone);
        }
        let name = name_of(&known.name);
        if !is_other_year {
            if name == self.name {
                why.push(Likeness::Name);
            } else if sounds_alike(&name, &self.name) && (is_same_year || name.first() == self.name.first()) {
                why.push(Likeness::Pinyin);
            }
        }
        if !why.is_empty() && is_same_year {
            why.push(Likeness::BirthYear);
        }
        why
    }
}

/// A name in one form, without what stands between its characters.
fn name_of(name: &str) -> Vec<char> {
    normal(name).into_iter().filter(|c| c.is_alphanumeric()).collect()
}

fn sounds_alike(one: &[char], other: &[char]) -> bool {
    let alike = |(a, b): (&char, &char)| a == b || initials(*a).iter().any(|letter| initials(*b).contains(letter));
    one.len() > 1 && one.len() == other.len() && one.iter().zip(other).all(alike)
}

/// The digits of a phone number that tell it from others; `None` where there are too few.
fn digits_of(phone: &str) -> Option<String> {
    let digits: String = normal(phone).into_iter().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix(COUNTRY_PREFIX) {
        Some(rest) if rest.len() == MOBILE_DIGITS => rest.to_owned(),
        _ => digits,
    };
    (digits.len() >= PHONE_MIN_DIGITS).then_some(digits)
}

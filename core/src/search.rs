//! Search: any two neighbouring characters of notes, names, addresses, phone numbers and matters, and the pinyin initials of names.
//!
//! The index names candidates; each is read and tried again on its text, so what is shown always holds what was asked for. Width and case do
//! not matter: ＡＢ１２ and ab12 are the same. Words of a query that are apart must all be in the record, in any order.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::names;
use crate::rights;
use crate::store::records;
use crate::store::search::{self, Candidate, GAP, PLACE, initials_pair, pair};
use crate::views::{SearchHit, SearchView};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::HashMap;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::matter::ID_FIELDS;
use zoufang_domain::operation::List;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// Most hits of one search.
pub const HITS_MAX_COUNT: usize = 100;
/// Longest query, in characters.
pub const QUERY_MAX_CHARS: usize = 64;
/// Rows indexed in one transaction: a save waits for no more than these.
pub const CATCH_UP_ROWS_MAX_COUNT: usize = 256;
/// Transactions of indexing before one search answers.
pub const CATCH_UP_STEPS_MAX_COUNT: usize = 8;
/// Newest rows that a query of single characters looks through.
pub const SCAN_ROWS_MAX_COUNT: usize = 2_000;
/// Candidates read before a search gives up looking for more that match.
pub(crate) const CANDIDATES_MAX_COUNT: usize = 1_000;
/// Characters shown before a match.
const EXCERPT_BEFORE_CHARS: usize = 12;
/// Characters shown after a match.
const EXCERPT_AFTER_CHARS: usize = 40;

impl Core {
    /// Searches. A query without a letter, digit or character finds nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `query` when it is longer than [`QUERY_MAX_CHARS`]; otherwise when the store fails.
    pub fn search(&self, query: &str, limit_count: usize) -> Result<SearchView, Error> {
        let terms = Query::parse(query)?;
        if terms.words.is_empty() || limit_count == 0 {
            return Ok(SearchView { hits: Vec::new(), is_complete: true });
        }
        let is_complete = self.index_for_search()?;
        let hits = self.read(|c| hits(c, &terms, limit_count.min(HITS_MAX_COUNT)))?;
        Ok(SearchView { hits, is_complete })
    }
    /// Indexes what has come since, at most [`CATCH_UP_STEPS_MAX_COUNT`] times [`CATCH_UP_ROWS_MAX_COUNT`] rows. Every search does this
    /// first; a shell may do it after a sync, until it is true that nothing is left.
    ///
    /// # Errors
    /// When the store fails.
    pub fn index_for_search(&self) -> Result<bool, Error> {
        for _ in 0..CATCH_UP_STEPS_MAX_COUNT {
            if !self.read(search::is_behind)? {
                return Ok(true);
            }
            self.write(|tx| Ok((search::catch_up(tx, CATCH_UP_ROWS_MAX_COUNT, terms_of_row)?, ChangeSet::default())))?;
        }
        Ok(!self.read(search::is_behind)?)
    }
}

/// A query, taken apart.
struct Query {
    words: Vec<Vec<char>>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, Error> {
        if text.chars().count() > QUERY_MAX_CHARS {
            return Err(Error::Invalid { field: "query".into() });
        }
        Ok(Query { words: runs(&normal(text)).map(<[char]>::to_vec).collect() })
    }
    /// The query for the index; `None` when every word is a single character, which has no pair.
    fn expression(&self) -> Option<String> {
        let words: Vec<String> =
            self.words.iter().filter(|word| word.len() > 1).map(|word| expression_of(word)).collect();
        (!words.is_empty()).then(|| words.join(" AND "))
    }
}

pub(crate) fn expression_of(word: &[char]) -> String {
    let phrase = word.windows(2).map(|two| pair(two[0], two[1])).collect::<Vec<_>>().join(" ");
    if !word.iter().all(char::is_ascii_lowercase) {
        return format!("\"{phrase}\"");
    }
    // Characters with several readings give several pairs at one place, which a phrase cannot say: the pairs are asked for one by one
    // and their order is tried on the name itself.
    let initials = word.windows(2).map(|two| initials_pair(two[0], two[1])).collect::<Vec<_>>().join(" AND ");
    format!("(\"{phrase}\" OR ({initials}))")
}

/// Text with width and case taken away, character for character, so that places in it are places in the original.
pub(crate) fn normal(text: &str) -> Vec<char> {
    text.chars()
        .map(|c| {
            let narrow = match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
                '\u{3000}' => ' ',
                _ => c,
            };
            let mut lower = narrow.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => narrow,
            }
        })
        .collect()
}

/// Runs of letters, digits and characters.
fn runs(text: &[char]) -> impl Iterator<Item = &[char]> {
    text.split(|c| !c.is_alphanumeric()).filter(|run| !run.is_empty())
}

/// The initials that a character of a name can have: those of every reading, or a Latin letter itself.
pub(crate) fn initials(c: char) -> Vec<char> {
    if c.is_ascii_lowercase() { vec![c] } else { crate::initials::of(c).collect() }
}

/// One searched text of a record.
struct Text {
    field: &'static str,
    text: String,
}

impl Text {
    fn is_name(&self) -> bool {
        matches!(self.field, "name" | "contact")
    }
}

/// The texts in which a record is found; those that people know it by first.
fn texts_of(record: &Record) -> Vec<Text> {
    let named = |names: &[&'static str]| {
        let filled =
            names.iter().filter_map(|name| names::text(&record.f, name).map(|text| Text { field: name, text }));
        filled.collect::<Vec<_>>()
    };
    match record.kind {
        Kind::Dwelling => vec![Text { field: "address", text: names::address_text(&record.f) }],
        Kind::Household => named(&["contact", "phone"]),
        Kind::Resident => named(&["name", "phone"]),
        Kind::Visit => vec![Text { field: "note", text: note(record) }],
        Kind::Matter => {
            let said = record.list(List::Events).iter().flat_map(|entry| &entry.data);
            let said = said.filter(|(name, _)| !ID_FIELDS.contains(&name.as_str())).map(|(_, value)| value);
            let said = said.filter_map(Value::as_str).map(|text| Text { field: "event", text: text.to_owned() });
            named(&["summary"]).into_iter().chain(said).collect()
        }
        Kind::OrgUnit | Kind::Staff | Kind::Assignment | Kind::Residency => Vec::new(),
        Kind::Calendar
        | Kind::CadenceRule
        | Kind::MustVisitList
        | Kind::Appointment
        | Kind::VisitTask
        | Kind::MatterRule
        | Kind::FormDefinition => Vec::new(),
        // What is needed is not found by looking for it: it is shown with the home, to those who see it.
        Kind::CareNeedType | Kind::CareNeed => Vec::new(),
        Kind::RightsRequest | Kind::Restriction => Vec::new(),
        Kind::Notice | Kind::NoticeReceipt => Vec::new(),
    }
}

/// A visit's note, as last corrected.
fn note(record: &Record) -> String {
    let amended = record.list(List::Amendments).iter().rev().find_map(|entry| entry.data.get("fields")?.get("note"));
    amended.or_else(|| record.f.get("note")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::Dwelling | Kind::Household | Kind::Resident)
}

/// The terms of a row, for the index. A row that does not read is not found, but does not stop the others.
fn terms_of_row(kind: i64, body: &str) -> Option<String> {
    let kind = Kind::from_number(kind)?;
    if !is_place(kind) && !matches!(kind, Kind::Visit | Kind::Matter) {
        return None;
    }
    let record = records::parse(body).ok()?;
    let mut terms = String::with_capacity(body.len());
    let mut add = |term: &str| {
        terms.push_str(term);
        terms.push(' ');
    };
    for text in texts_of(&record) {
        let normal = normal(&text.text);
        for run in runs(&normal) {
            run.windows(2).for_each(|two| add(&pair(two[0], two[1])));
            add(GAP);
        }
        if text.is_name() {
            let letters: Vec<Vec<char>> = normal.iter().map(|c| initials(*c)).collect();
            for two in letters.windows(2) {
                two[0].iter().for_each(|first| two[1].iter().for_each(|second| add(&initials_pair(*first, *second))));
            }
            add(GAP);
        }
    }
    if is_place(kind) {
        add(PLACE);
    }
    Some(terms)
}

fn hits(c: &Connection, query: &Query, limit_count: usize) -> Result<Vec<SearchHit>, Error> {
    let mut found = Found { c, query, limit_count, titles: HashMap::new(), hits: Vec::new() };
    match query.expression() {
        Some(expression) => {
            found.look(&format!("({expression}) AND {PLACE}"))?;
            found.look(&format!("({expression}) NOT {PLACE}"))?;
        }
        None => found.look_through()?,
    }
    Ok(found.hits)
}

struct Found<'a> {
    c: &'a Connection,
    query: &'a Query,
    limit_count: usize,
    titles: HashMap<HouseholdId, String>,
    hits: Vec<SearchHit>,
}

impl Found<'_> {
    /// Asks the index, in portions, until there are hits enough.
    fn look(&mut self, expression: &str) -> Result<(), Error> {
        let (mut below_row, mut read_count) = (i64::MAX, 0);
        while self.hits.len() < self.limit_count && read_count < CANDIDATES_MAX_COUNT {
            let wanted = self.limit_count - self.hits.len();
            let candidates = search::find(self.c, expression, below_row, wanted)?;
            let Some(last) = candidates.last() else { break };
            (below_row, read_count) = (last.row, read_count + candidates.len());
            let is_last = candidates.len() < wanted;
            self.take(candidates)?;
            if is_last {
                break;
            }
        }
        Ok(())
    }
    /// Looks through texts without the index, for single characters. A Latin letter or digit stands in nearly every record's JSON, so only
    /// homes and people are tried for those.
    fn look_through(&mut self) -> Result<(), Error> {
        let places = (Kind::Dwelling.number(), Kind::Resident.number());
        let work = (Kind::Visit.number(), Kind::Matter.number());
        let narrow = self.query.words.iter().flatten().all(char::is_ascii);
        let holding =
            self.query.words.iter().flatten().find(|c| !c.is_ascii()).map(char::to_string).unwrap_or_default();
        self.take(search::scan(self.c, places, &holding, SCAN_ROWS_MAX_COUNT)?)?;
        if !narrow {
            self.take(search::scan(self.c, work, &holding, SCAN_ROWS_MAX_COUNT)?)?;
        }
        Ok(())
    }
    fn take(&mut self, candidates: Vec<Candidate>) -> Result<(), Error> {
        for candidate in candidates {
            if self.hits.len() >= self.limit_count {
                break;
            }
            let record = records::parse(&candidate.body)?;
            // Data that is restricted is not used to find anybody.
            if record.kind == Kind::Resident && rights::is_restricted(self.c, record.id.into())? {
                continue;
            }
            // Who is known in two areas is one person.
            let is_shown = self.hits.iter().any(|shown| shown.kind == record.kind && shown.id == record.id);
            if let Some(hit) = self.hit(&record)?.filter(|_| !is_shown) {
                self.hits.push(hit);
            }
        }
        Ok(())
    }
    /// The record as a hit, if every word is in it.
    fn hit(&mut self, record: &Record) -> Result<Option<SearchHit>, Error> {
        let texts = texts_of(record);
        let normals: Vec<Vec<char>> = texts.iter().map(|text| normal(&text.text)).collect();
        let place_of = |word: &Vec<char>| {
            let mut tried = texts.iter().zip(&normals).enumerate();
            tried.find_map(|(at, (text, normal))| Some((at, matches(text, normal, word)?)))
        };
        let places: Option<Vec<(usize, usize)>> = self.query.words.iter().map(place_of).collect();
        let Some(places) = places else { return Ok(None) };
        let Some((at, start)) = places.first().copied() else { return Ok(None) };
        let (text, len_chars) = (&texts[at], self.query.words[0].len());
        let (title, household) = self.title(record)?;
        let (excerpt, start) = excerpt(&text.text, start, len_chars);
        Ok(Some(SearchHit {
            kind: record.kind,
            id: record.id,
            household,
            title,
            field: text.field,
            excerpt,
            match_start_chars: start as u32,
            match_len_chars: len_chars as u32,
        }))
    }
    /// Where or who. Many hits are of one home, whose title is made once.
    fn title(&mut self, record: &Record) -> Result<(String, Option<HouseholdId>), Error> {
        let household = match record.kind {
            Kind::Visit | Kind::Matter => {
                names::text(&record.f, "household").and_then(|id| id.parse::<HouseholdId>().ok())
            }
            _ => None,
        };
        let Some(household) = household else { return names::of_record(self.c, record) };
        if let Some(title) = self.titles.get(&household) {
            return Ok((title.clone(), Some(household)));
        }
        let title = names::of_home(self.c, household)?;
        self.titles.insert(household, title.clone());
        Ok((title, Some(household)))
    }
}

/// Where a word stands in a text: as it is written, or as the initials of a name.
fn matches(text: &Text, normal: &[char], word: &[char]) -> Option<usize> {
    let written = normal.windows(word.len()).position(|window| window == word);
    if written.is_some() || !text.is_name() || !word.iter().all(char::is_ascii_lowercase) {
        return written;
    }
    let letters: Vec<Vec<char>> = normal.iter().map(|c| initials(*c)).collect();
    letters.windows(word.len()).position(|window| window.iter().zip(word).all(|(known, letter)| known.contains(letter)))
}

/// The text around a match, and where the match begins in it.
fn excerpt(text: &str, start: usize, len_chars: usize) -> (String, usize) {
    let from = start.saturating_sub(EXCERPT_BEFORE_CHARS);
    let shown: String = text.chars().skip(from).take(start - from + len_chars + EXCERPT_AFTER_CHARS).collect();
    let is_cut = text.chars().nth(from + shown.chars().count()).is_some();
    let before = if from > 0 { "…" } else { "" };
    let after = if is_cut { "…" } else { "" };
    (format!("{before}{shown}{after}"), start - from + usize::from(from > 0))
}

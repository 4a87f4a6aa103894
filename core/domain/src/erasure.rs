//! Erasing a person: what bears their name or number, and what becomes of it.
//!
//! Records of the person go. Records that are about something else (a visit, a matter, a home) stay, without the person's traces. Operations
//! that were sent already are rewritten without them: the text that was chained and signed is gone then, so the rewritten one carries the
//! link and the hash of what it was ([`Redacted`]), and a server still knows it as the same operation.

use crate::chain::Link;
use crate::operation::{Fields, Operation};
use crate::record::Record;
use crate::schema::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What stands where a name or number stood.
pub const REMOVED: &str = "（已删除）";
/// With what the word begins that stands in a record while a text is held for review; its number follows.
pub const HELD: &str = "（文字待审";
/// A name of fewer characters is not looked for inside texts: it is in half of all words.
pub const NAME_MIN_CHARS: usize = 2;
/// A number of fewer characters is not looked for inside texts.
pub const PHONE_MIN_CHARS: usize = 7;

/// What tells a person in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    names: Vec<String>,
    phones: Vec<String>,
}

impl Traces {
    /// No traces.
    pub fn none() -> Self {
        Traces::default()
    }
    /// Takes in whatever names and numbers a record of the person holds, contested and replaced ones included.
    pub fn of(records: &[&Record]) -> Self {
        let mut traces = Traces::default();
        for record in records {
            for field in ["name", "contact"] {
                texts(record, field).for_each(|name| traces.add_name(name));
            }
            texts(record, "phone").for_each(|phone| traces.add_phone(phone));
        }
        traces
    }
    /// Adds a name.
    pub fn add_name(&mut self, name: &str) {
        let name = name.trim();
        if !name.is_empty() && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }
    /// Adds a number.
    pub fn add_phone(&mut self, phone: &str) {
        let phone = phone.trim();
        if !phone.is_empty() && !self.phones.iter().any(|known| known == phone) {
            self.phones.push(phone.to_owned());
        }
    }
    /// Takes in another's traces.
    pub fn join(&mut self, other: Traces) {
        other.names.iter().for_each(|name| self.add_name(name));
        other.phones.iter().for_each(|phone| self.add_phone(phone));
    }
    /// The same with numbers alone: for records of other people, who may bear the same name.
    #[must_use]
    pub fn numbers_only(&self) -> Self {
        Traces { names: Vec::new(), phones: self.phones.clone() }
    }
    /// The names.
    pub fn names(&self) -> &[String] {
        &self.names
    }
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.phones.is_empty()
    }
    /// Whether a whole value is the person's name or number.
    fn is(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| {
            let text = text.trim();
            self.names.iter().chain(&self.phones).any(|trace| trace == text)
        })
    }
    /// The traces that are looked for inside texts.
    fn sought(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().filter(|name| name.chars().count() >= NAME_MIN_CHARS);
        let phones = self.phones.iter().filter(|phone| phone.chars().count() >= PHONE_MIN_CHARS);
        names.chain(phones).map(String::as_str)
    }
    /// Whether a text bears a trace.
    pub fn found_in(&self, text: &str) -> bool {
        self.sought().any(|trace| text.contains(trace))
    }
    /// A text without the traces; `None` when it bears none.
    pub fn out_of(&self, text: &str) -> Option<String> {
        if !self.found_in(text) {
            return None;
        }
        let mut clean = text.to_owned();
        for trace in self.sought() {
            clean = clean.replace(trace, REMOVED);
        }
        Some(clean)
    }
    /// Takes the traces out of every text inside a value. Gives whether there were any.
    pub fn out_of_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.out_of(text) {
                Some(clean) => {
                    *text = clean;
                    true
                }
                None => false,
            },
            Value::Array(items) => items.iter_mut().fold(false, |found, item| self.out_of_value(item) | found),
            Value::Object(map) => map.values_mut().fold(false, |found, item| self.out_of_value(item) | found),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    /// Takes the traces out of fields: a contact or number that is the person's is cleared, and texts lose what bears them.
    pub fn out_of_fields(&self, fields: &mut Fields) -> bool {
        let before = fields.len();
        fields.retain(|name, value| !(is_theirs(name) && self.is(value)));
        let cleared = fields.len() != before;
        fields.values_mut().fold(cleared, |found, value| self.out_of_value(value) | found)
    }
    /// Takes the traces out of a record that is about something else. Versions stay: nobody wrote anything. Gives whether there were any.
    pub fn out_of_record(&self, record: &mut Record) -> bool {
        let mut found = false;
        for (name, heads) in &mut record.heads {
            for head in heads.iter_mut() {
                if is_theirs(name) && self.is(&head.was) {
                    head.was = Value::Null;
                    found = true;
                }
                found |= self.out_of_value(&mut head.was);
            }
            let before = heads.len();
            heads.retain(|head| !(is_theirs(name) && self.is(&head.value)));
            found |= heads.len() != before;
            for head in heads.iter_mut() {
                found |= self.out_of_value(&mut head.value);
            }
        }
        found |= self.out_of_fields(&mut record.f);
        for (name, heads) in &record.heads {
            if let Some(head) = heads.first().filter(|head| !head.value.is_null()) {
                record.f.insert(name.clone(), head.value.clone());
            }
        }
        record.heads.retain(|_, heads| !heads.is_empty());
        for element in record.sets.values_mut().flat_map(|set| set.values_mut()) {
            if let Some(value) = &mut element.value {
                found |= self.out_of_value(value);
            }
        }
        for entry in record.lists.values_mut().flatten() {
            for value in entry.data.values_mut() {
                found |= self.out_of_value(value);
            }
        }
        if let Some(void) = &mut record.void
            && let Some(clean) = self.out_of(&void.reason)
        {
            void.reason = clean;
            found = true;
        }
        found
    }
}

/// Fields that hold a name or number and nothing else.
fn is_theirs(field: &str) -> bool {
    matches!(field, "name" | "contact" | "phone")
}

/// Every value that a field has or had, as far as the record knows.
fn texts<'r>(record: &'r Record, field: &'r str) -> impl Iterator<Item = &'r str> {
    let heads = record.heads.get(field).into_iter().flatten().flat_map(|head| [&head.value, &head.was]);
    record.f.get(field).into_iter().chain(heads).filter_map(Value::as_str)
}

/// Drops a matter's word on whose it is. Gives whether it said that one.
pub fn forget_resident(record: &mut Record, resident: uuid::Uuid) -> bool {
    let is_theirs = |value: &Value| {
        value.as_str().and_then(|text| uuid::Uuid::parse_str(text).ok()).is_some_and(|id| id == resident)
    };
    match record.f.get("resident") {
        Some(value) if is_theirs(value) && record.kind == Kind::Matter => {
            record.f.remove("resident");
            record.heads.remove("resident");
            true
        }
        _ => false,
    }
}

/// Takes answers of a form out of a visit, as it was written and as it was corrected. Gives whether there were any.
pub fn forget_answers(visit: &mut Record, fields: &[String]) -> bool {
    let mut found = visit.f.get_mut("form").is_some_and(|form| out_of_form(form, fields));
    for entry in visit.lists.values_mut().flatten() {
        if let Some(form) = entry.data.get_mut("fields").and_then(|changed| changed.get_mut("form")) {
            found |= out_of_form(form, fields);
        }
    }
    found
}

fn out_of_form(form: &mut Value, fields: &[String]) -> bool {
    let Some(Value::Object(answers)) = form.get_mut("answers") else { return false };
    let before = answers.len();
    answers.retain(|id, _| !fields.contains(id));
    answers.len() != before
}

/// The same inside an operation's action.
fn out_of_answers(action: &mut Value, fields: &[String]) -> bool {
    match action {
        Value::Object(map) => {
            let found = map.get_mut("form").is_some_and(|form| out_of_form(form, fields));
            map.values_mut().fold(found, |found, value| out_of_answers(value, fields) | found)
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| out_of_answers(item, fields) | found),
        _ => false,
    }
}

/// What a redacted operation was: its place in the chain and what it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redacted {
    /// SHA-256 of the text as it was first written.
    pub hash: Link,
    /// The chain link after it, made from that text.
    pub link: Link,
}

/// The field of a redacted operation that holds [`Redacted`].
const FIELD: &str = "redacted";

/// What a text says that it was, if it is a redacted operation.
pub fn redacted(text: &str) -> Option<Redacted> {
    #[derive(Deserialize)]
    struct Marked {
        redacted: Redacted,
    }
    // The word itself is looked for first: nearly no operation is one.
    if !text.contains(FIELD) {
        return None;
    }
    serde_json::from_str::<Marked>(text).ok().map(|marked| marked.redacted)
}

/// SHA-256 of an operation's text.
pub fn hash(text: &str) -> Link {
    Link(Sha256::digest(text.as_bytes()).into())
}

/// How an operation is rewritten.
#[derive(Clone, Copy, Debug)]
pub enum Extent<'t> {
    /// Nothing of what was done stays: the record was erased.
    Whole,
    /// All stays but a person's traces.
    Traces(&'t Traces),
    /// All stays but answers of a form, by the ids of their fields.
    Answers(&'t [String]),
}

/// An operation without what must go. `link` is the chain link after it. `None`: it bears nothing of it, and stays as it is. What cannot be
/// read is emptied as far as its envelope can be read, and kept as it is otherwise.
pub fn redact(text: &str, link: Link, extent: Extent<'_>) -> Option<String> {
    let Ok(Value::Object(mut map)) = serde_json::from_str::<Value>(text) else { return None };
    let proof = redacted(text).unwrap_or(Redacted { hash: hash(text), link });
    match extent {
        Extent::Whole => {
            map.remove("action")?;
        }
        Extent::Answers(fields) => {
            let action = map.get_mut("action")?;
            if !out_of_answers(action, fields) {
                return None;
            }
        }
        Extent::Traces(traces) => match serde_json::from_str::<Operation>(text) {
            Ok(mut operation) => {
                if !out_of_operation(traces, &mut operation) {
                    return None;
                }
                map.insert("action".into(), serde_json::to_value(&operation.action).ok()?);
            }
            // Of a newer version: every text in it is looked at.
            Err(_) => {
                let action = map.get_mut("action")?;
                if !traces.out_of_value(action) {
                    return None;
                }
            }
        },
    }
    map.insert(FIELD.into(), serde_json::to_value(proof).ok()?);
    serde_json::to_string(&map).ok()
}

fn out_of_operation(traces: &Traces, operation: &mut Operation) -> bool {
    use crate::operation::Action;
    match &mut operation.action {
        Action::Create { fields, entries } => {
            let mut found = traces.out_of_fields(fields);
            for value in entries.iter_mut().flat_map(|entry| entry.data.values_mut()) {
                found |= traces.out_of_value(value);
            }
            found
        }
        Action::Set { fields, was, .. } => traces.out_of_fields(fields) | traces.out_of_fields(was),
        Action::Add { value, .. } => traces.out_of_value(value),
        Action::Append { entry } => {
            entry.data.values_mut().fold(false, |found, value| traces.out_of_value(value) | found)
        }
        Action::Void { reason } => match traces.out_of(reason) {
            Some(clean) => {
                *reason = clean;
                true
            }
            None => false,
        },
        Action::Witness { record } => traces.out_of_record(record),
        Action::Remove { .. } => false,
    }
}

/// The texts of an operation in somebody's words, or the contact and number of a home: what is held for review when it was written before the writer could know
/// that the person is erased.
pub fn free_texts(operation: &mut Operation) -> Vec<&mut String> {
    use crate::operation::Action;
    let mut found = Vec::new();
    let is_home = operation.kind == Kind::Household;
    match &mut operation.action {
        Action::Create { fields, entries } => {
            texts_of(fields, is_home, &mut found);
            entries.iter_mut().for_each(|entry| texts_of(&mut entry.data, is_home, &mut found));
        }
        Action::Set { fields, .. } => texts_of(fields, is_home, &mut found),
        Action::Append { entry } => texts_of(&mut entry.data, is_home, &mut found),
        Action::Void { reason } => found.push(reason),
        // A copy is not taken before somebody has read it.
        Action::Add { .. } | Action::Remove { .. } | Action::Witness { .. } => {}
    }
    found
}

fn texts_of<'f>(fields: &'f mut Fields, is_home: bool, found: &mut Vec<&'f mut String>) {
    for (name, value) in fields {
        if is_home && is_theirs(name) { all_texts(value, found) } else { texts_at(name, value, found) }
    }
}

fn texts_at<'f>(name: &str, value: &'f mut Value, found: &mut Vec<&'f mut String>) {
    if IN_WORDS.contains(&name) || name == "answers" {
        all_texts(value, found);
    } else if let ("form" | "fields" | "standing", Value::Object(map)) = (name, value) {
        // Answers of a form; corrections, which bring fields of their own; how an appointment stands.
        map.iter_mut().for_each(|(name, value)| texts_at(name, value, found));
    }
}

fn all_texts<'f>(value: &'f mut Value, found: &mut Vec<&'f mut String>) {
    match value {
        Value::String(text) if !text.trim().is_empty() => found.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| all_texts(item, found)),
        Value::Object(map) => map.values_mut().for_each(|item| all_texts(item, found)),
        _ => {}
    }
}

/// Fields in somebody's words.
const IN_WORDS: [&str; 14] = [
    "note", "summary", "words", "text", "done", "reason", "facts", "tried", "parties", "attempts", "basis", "told",
    "how", "answer",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeviceId, StaffId, UnitId, derived};
    use crate::operation::{Action, Entry, List};
    use crate::record::Head;
    use crate::stamp::{Stamp, Version};
    use serde_json::json;
    use std::collections::BTreeMap;

    fn traces() -> Traces {
        let mut traces = Traces::none();
        traces.add_name("试三娘");
        traces.add_name("丁");
        traces.add_phone("13900000007");
        traces
    }
    fn version(counter: u64) -> Version {
        Version { at: Stamp(counter), by: DeviceId(derived(&["d"])), counter }
    }
    fn record(kind: Kind) -> Record {
        Record::empty(kind, derived(&["r"]), UnitId(derived(&["u"])), version(1), StaffId(derived(&["s"])))
    }
    fn operation(action: Action) -> String {
        let operation = Operation {
            counter: 7,
            at: Stamp(9),
            staff: StaffId(derived(&["s"])),
            area: UnitId(derived(&["u"])),
            kind: Kind::Visit,
            id: derived(&["r"]),
            action,
        };
        serde_json::to_string(&operation).unwrap()
    }

    #[test]
    fn a_home_loses_the_contact_and_keeps_the_rest() {
        let mut home = record(Kind::Household);
        home.f =
            serde_json::from_value(json!({"contact": "试三娘", "phone": "13900000007", "people_count": 3})).unwrap();
        let head = |counter, value: Value, was: Value| Head { v: version(counter), who: home.who, value, was };
        let heads = vec![head(3, json!("试三娘"), json!("试四郎")), head(2, json!("试五郎"), json!("试三娘"))];
        home.heads = BTreeMap::from([("contact".to_owned(), heads)]);
        assert!(traces().out_of_record(&mut home));
        assert_eq!(home.f, serde_json::from_value(json!({"contact": "试五郎", "people_count": 3})).unwrap());
        assert_eq!(home.heads["contact"].len(), 1);
        assert!(!home.to_canonical_json().contains("试三娘") && !home.to_canonical_json().contains("13900000007"));
        assert!(!traces().out_of_record(&mut home), "nothing is left");
    }

    #[test]
    fn texts_everywhere_in_a_record_lose_name_and_number_and_nothing_else() {
        let mut matter = record(Kind::Matter);
        matter.f = serde_json::from_value(json!({"summary": "试三娘说灯不亮，打 13900000007，丁字路口"})).unwrap();
        let data = serde_json::from_value(json!({"words": "试三娘：好", "parties": ["试三娘", "物业"]})).unwrap();
        let moment = crate::calendar::Moment::from_ms(0);
        let entry = Entry {
            id: derived(&["e"]),
            list: List::Events,
            what: "answer".into(),
            when: moment,
            who: matter.who,
            data,
        };
        matter.lists = BTreeMap::from([(List::Events, vec![entry])]);
        assert!(traces().out_of_record(&mut matter));
        assert_eq!(matter.f["summary"], json!("（已删除）说灯不亮，打 （已删除），丁字路口"));
        assert_eq!(matter.lists[&List::Events][0].data["parties"], json!(["（已删除）", "物业"]));
    }

    #[test]
    fn a_redacted_operation_is_still_known_and_reads_as_what_is_left() {
        let fields = serde_json::from_value(json!({"note": "见到试三娘", "outcome": "done"})).unwrap();
        let text = operation(Action::Create { fields, entries: Vec::new() });
        let link = Link::START.then(text.as_bytes());
        let clean = redact(&text, link, Extent::Traces(&traces())).unwrap();
        assert_eq!(redacted(&clean), Some(Redacted { hash: hash(&text), link }));
        let read: Operation = serde_json::from_str(&clean).unwrap();
        assert!(matches!(&read.action, Action::Create { fields, .. } if fields["note"] == json!("见到（已删除）")));
        // Again: what it was first is what counts.
        let emptied = redact(&clean, Link::START, Extent::Whole).unwrap();
        assert_eq!(redacted(&emptied), Some(Redacted { hash: hash(&text), link }));
        assert!(serde_json::from_str::<Operation>(&emptied).is_err() && !emptied.contains("done"));
        assert_eq!(redact(&emptied, Link::START, Extent::Whole), None);
        assert_eq!(redact(&text, link, Extent::Traces(&Traces::none())), None);
        assert_eq!(redacted(&text), None);
    }

    #[test]
    fn a_note_that_speaks_of_redaction_is_no_redacted_operation() {
        let fields = serde_json::from_value(json!({"note": "\"redacted\":{\"hash\":\"00\"}"})).unwrap();
        assert_eq!(redacted(&operation(Action::Create { fields, entries: Vec::new() })), None);
    }

    #[test]
    fn free_texts_are_those_in_peoples_words() {
        let fields = serde_json::from_value(json!({"note": "见到人", "outcome": "done", "form":
            {"form": "f", "version": 1, "answers": {"q1": "在家", "q2": 3}}}))
        .unwrap();
        let text = operation(Action::Create { fields, entries: Vec::new() });
        let mut operation: Operation = serde_json::from_str(&text).unwrap();
        let mut found: Vec<String> = free_texts(&mut operation).into_iter().map(|text| text.clone()).collect();
        found.sort();
        assert_eq!(found, ["在家", "见到人"]);
    }
}

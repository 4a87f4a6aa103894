//! How one input becomes another: bytes are turned, cut, doubled and spliced; what is JSON is also changed as JSON, so that the result is
//! still read beyond its first brace; what is gzip is also changed inside.

use crate::dice::Dice;
use serde_json::{Map, Value};
use std::io::{Read, Write};

/// Changes in a row, at most.
const CHANGES_MAX_COUNT: usize = 6;
/// What gzip is inflated to before it is changed inside.
const INSIDE_MAX_BYTES: u64 = 256 * 1024;
/// Copies of something that is doubled many times.
const COPIES_MAX_COUNT: usize = 600;
/// Numbers at whose sides programs go wrong.
const NUMBERS: [i64; 14] = [0, 1, -1, 2, 127, 255, 256, 499, 501, 65_535, 1 << 31, 1 << 48, i64::MAX, i64::MIN];
/// Texts that have gone wrong somewhere.
const TEXTS: [&str; 12] = [
    "",
    " ",
    "\0",
    "null",
    "\u{202e}gnp.走访",
    "\u{1f}",
    "'; DROP TABLE record; --",
    "=1+1",
    "<b>",
    "\u{10ffff}",
    "e\u{301}",
    "１２３",
];

/// An input made of another.
pub fn mutate(input: &[u8], others: &[Vec<u8>], words: &[&str], dice: &mut Dice, max_bytes: usize) -> Vec<u8> {
    let mut made = input.to_vec();
    for _ in 0..dice.between(1, CHANGES_MAX_COUNT) {
        made = match dice.below(10) {
            0..4 => inside_json(&made, others, words, dice).unwrap_or_else(|| in_bytes(made, others, words, dice)),
            4 => inside_gzip(&made, others, words, dice).unwrap_or_else(|| in_bytes(made, others, words, dice)),
            _ => in_bytes(made, others, words, dice),
        };
        made.truncate(max_bytes);
    }
    made
}

fn in_bytes(mut bytes: Vec<u8>, others: &[Vec<u8>], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(bytes.len() + 1);
    let length = dice.below((bytes.len() - at).min(64) + 1);
    match dice.below(10) {
        9 if !words.is_empty() => replace_cell(&mut bytes, at, dice.pick(words).as_bytes()),
        0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        1 if at < bytes.len() => bytes[at] = dice.bits() as u8,
        2 => drop(bytes.drain(at..at + length)),
        3 => bytes.truncate(at),
        4 => {
            let piece = bytes[at..at + length].to_vec();
            let copies_count = if dice.percent(5) { dice.below(COPIES_MAX_COUNT) } else { 1 };
            let copies = std::iter::repeat_n(piece, copies_count).flatten();
            drop(bytes.splice(at..at, copies.collect::<Vec<_>>()));
        }
        5 if !words.is_empty() => drop(bytes.splice(at..at, dice.pick(words).bytes().collect::<Vec<_>>())),
        6 => drop(bytes.splice(at..at + length, dice.pick(&NUMBERS).to_string().into_bytes())),
        7 if !others.is_empty() => {
            let other = dice.pick(others);
            let from = dice.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let noise = (0..dice.between(1, 8)).map(|_| dice.bits() as u8).collect::<Vec<_>>();
            drop(bytes.splice(at..at, noise));
        }
    }
    bytes
}

/// Puts a word in the place of the cell of a table that a position lies in.
fn replace_cell(bytes: &mut Vec<u8>, at: usize, word: &[u8]) {
    let ends_cell = |byte: &u8| matches!(byte, b',' | b'\t' | b';' | b'\n');
    let begin = bytes[..at].iter().rposition(ends_cell).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(ends_cell).map_or(bytes.len(), |after| at + after);
    drop(bytes.splice(begin..end, word.iter().copied()));
}

fn inside_gzip(bytes: &[u8], others: &[Vec<u8>], words: &[&str], dice: &mut Dice) -> Option<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).take(INSIDE_MAX_BYTES).read_to_end(&mut plain).ok()?;
    let made = inside_json(&plain, others, words, dice).unwrap_or_else(|| in_bytes(plain, others, words, dice));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&made).ok()?;
    encoder.finish().ok()
}

fn inside_json(bytes: &[u8], others: &[Vec<u8>], words: &[&str], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    let nodes_count = count(&value);
    let graft = if dice.percent(20) && !others.is_empty() {
        serde_json::from_slice(dice.pick::<Vec<u8>>(others)).ok().and_then(|other: Value| {
            let which = dice.below(count(&other));
            nth(&other, &mut { which }).cloned()
        })
    } else {
        None
    };
    let mut which = dice.below(nodes_count);
    change_nth(&mut value, &mut which, graft, words, dice);
    serde_json::to_vec(&value).ok()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn nth<'v>(value: &'v Value, which: &mut usize) -> Option<&'v Value> {
    if *which == 0 {
        return Some(value);
    }
    *which -= 1;
    match value {
        Value::Array(items) => items.iter().find_map(|item| nth(item, which)),
        Value::Object(map) => map.values().find_map(|item| nth(item, which)),
        _ => None,
    }
}

/// Changes the node of that number; true when it was met.
fn change_nth(value: &mut Value, which: &mut usize, graft: Option<Value>, words: &[&str], dice: &mut Dice) -> bool {
    if *which == 0 {
        *value = match graft {
            Some(graft) => graft,
            None => changed(std::mem::take(value), words, dice),
        };
        return true;
    }
    *which -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change_nth(item, which, graft.clone(), words, dice)),
        Value::Object(map) => map.values_mut().any(|item| change_nth(item, which, graft.clone(), words, dice)),
        _ => false,
    }
}

fn changed(value: Value, words: &[&str], dice: &mut Dice) -> Value {
    match value {
        Value::Array(items) if dice.percent(70) => Value::Array(in_array(items, dice)),
        Value::Object(map) if dice.percent(70) => Value::Object(in_object(map, words, dice)),
        Value::String(text) if dice.percent(50) => Value::String(in_text(text, words, dice)),
        Value::Number(number) if dice.percent(50) => match number.as_i64() {
            Some(number) => Value::from(number.wrapping_add(*dice.pick(&[-1, 1, 2, 1000]))),
            None => Value::from(0),
        },
        value => match dice.below(8) {
            0 => Value::Null,
            1 => Value::Bool(dice.percent(50)),
            2 => Value::from(*dice.pick(&NUMBERS)),
            3 => Value::from(u64::MAX),
            4 => Value::from(1e308),
            5 => Value::from(*dice.pick(&TEXTS)),
            6 => (0..dice.between(1, 40)).fold(value, |inner, _| Value::Array(vec![inner])),
            _ => Value::Object(Map::new()),
        },
    }
}

fn in_array(mut items: Vec<Value>, dice: &mut Dice) -> Vec<Value> {
    if items.is_empty() {
        return vec![Value::Null];
    }
    let at = dice.below(items.len());
    match dice.below(4) {
        0 => drop(items.remove(at)),
        1 => items.insert(at, items[at].clone()),
        2 => items.swap(0, at),
        _ => {
            let copies_count = if dice.percent(10) { dice.below(COPIES_MAX_COUNT) } else { 2 };
            items.extend(std::iter::repeat_n(items[at].clone(), copies_count));
        }
    }
    items
}

fn in_object(mut map: Map<String, Value>, words: &[&str], dice: &mut Dice) -> Map<String, Value> {
    let names: Vec<String> = map.keys().cloned().collect();
    let word = |dice: &mut Dice| match words.is_empty() {
        true => "x".to_owned(),
        false => (*dice.pick(words)).to_owned(),
    };
    match (names.is_empty(), dice.below(4)) {
        (false, 0) => drop(map.remove(dice.pick(&names).as_str())),
        (false, 1) => {
            let taken = map.remove(dice.pick(&names).as_str()).unwrap_or_default();
            map.insert(word(dice), taken);
        }
        (false, 2) => {
            let taken = map.get(dice.pick(&names).as_str()).cloned().unwrap_or_default();
            map.insert(dice.pick(&names).clone(), taken);
        }
        _ => drop(map.insert(word(dice), Value::from(*dice.pick(&NUMBERS)))),
    }
    map
}

fn in_text(text: String, words: &[&str], dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => (*dice.pick(&TEXTS)).to_owned(),
        1 => text + *dice.pick(&TEXTS),
        2 => text.repeat(dice.between(2, 100)),
        3 if !words.is_empty() => (*dice.pick(words)).to_owned(),
        _ => text.chars().skip(dice.below(3)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_most_of_what_was_json_still_is() {
        let input = br#"{"a":[1,{"b":"text"}],"c":null}"#.to_vec();
        let make = |seed| mutate(&input, std::slice::from_ref(&input), &["operations"], &mut Dice::new(seed), 4096);
        assert!((0..50).all(|seed| make(seed) == make(seed)));
        let made: Vec<_> = (0..500).map(make).collect();
        assert!(made.iter().filter(|bytes| **bytes != input).count() > 450);
        let json_count = made.iter().filter(|bytes| serde_json::from_slice::<Value>(bytes).is_ok()).count();
        assert!((20..450).contains(&json_count), "{json_count}");
        assert!(made.iter().all(|bytes| bytes.len() <= 4096));
    }

    #[test]
    fn a_cell_is_replaced_whole() {
        let replaced = |at| {
            let mut bytes = b"a,bc\nd,e".to_vec();
            replace_cell(&mut bytes, at, b"31");
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!([0, 3, 8].map(replaced), ["31,bc\nd,e", "a,31\nd,e", "a,bc\nd,31"]);
    }

    #[test]
    fn every_node_of_json_is_reached() {
        let value: Value = serde_json::from_str(r#"{"a":[1,{"b":"text"}],"c":null}"#).unwrap();
        assert_eq!(count(&value), 6);
        let found: Vec<_> = (0..7).map(|which| nth(&value, &mut { which }).cloned()).collect();
        assert_eq!(found[4], Some(Value::from("text")));
        assert_eq!((found[5].clone(), found[6].clone()), (Some(Value::Null), None));
    }
}

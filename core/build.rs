//! Writes the tables of pinyin initials: for each Chinese character the Latin letters with which its readings begin.
//!
//! The library that knows the readings holds them as text, 400 KB of an app (2026-11-24); search asks for initials alone. Common characters
//! get all of theirs, two bytes each; rare ones, which lexicons give many readings that nobody uses, get that of the first: one byte each in
//! extension B, and a list of those few that have a reading at all in the others.

use pinyin::ToPinyinMulti;
use std::collections::BTreeMap;
use std::path::Path;

/// 〇, extension A and the unified ideographs.
const COMMON: [(u32, u32); 3] = [(0x3007, 0x3007), (0x3400, 0x4dbf), (0x4e00, 0x9fff)];
/// Extension B: some stand in names, and registers have taken them up since 2022.
const RARE: (u32, u32) = (0x20000, 0x2a6df);
/// Extensions C to H: 618 of 27,364 have a reading (2026-11-24).
const RAREST: (u32, u32) = (0x2a700, 0x323af);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut sets = BTreeMap::from([(0_u32, 0_usize)]);
    let mut blocks = String::new();
    for (first, last) in COMMON {
        let place = |point| {
            let next = sets.len();
            *sets.entry(readings(point).fold(0, |set, letter| set | 1 << letter)).or_insert(next)
        };
        let places: Vec<usize> = (first..=last).map(place).collect();
        blocks.push_str(&format!("({first}, &{places:?}), "));
    }
    let mut letters = vec![0_u32; sets.len()];
    sets.iter().for_each(|(set, place)| letters[*place] = *set);
    let (first, last) = RARE;
    let rare: Vec<u32> = (first..=last).map(|point| readings(point).next().map_or(0, |letter| letter + 1)).collect();
    let (first_rarest, last_rarest) = RAREST;
    let rarest = (first_rarest..=last_rarest).filter_map(|point| Some((point, readings(point).next()? + 1)));
    let rarest: Vec<u32> = rarest.map(|(point, letter)| point << 8 | letter).collect();
    let code = format!(
        "static SETS: [u32; {}] = {letters:?};\nstatic COMMON: [(u32, &[u16]); {}] = [{blocks}];\n\
         const RARE_FROM: u32 = {first};\nstatic RARE: [u8; {}] = {rare:?};\nstatic RAREST: [u32; {}] = {rarest:?};\n",
        letters.len(),
        COMMON.len(),
        rare.len(),
        rarest.len()
    );
    let folder = std::env::var_os("OUT_DIR").expect("cargo names the folder");
    std::fs::write(Path::new(&folder).join("initials.rs"), code).expect("the folder takes the tables");
}

/// The initials of a character's readings, 0 for a to 25 for z. Where pinyin writes ü, people type v.
fn readings(point: u32) -> impl Iterator<Item = u32> {
    let readings = char::from_u32(point).and_then(|character| character.to_pinyin_multi());
    let letters = readings.into_iter().flatten().filter_map(|reading| reading.plain().chars().next());
    letters
        .map(|letter| if letter == 'ü' { 'v' } else { letter })
        .filter(char::is_ascii_lowercase)
        .map(|letter| u32::from(letter) - u32::from('a'))
}

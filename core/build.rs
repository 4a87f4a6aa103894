//! Writes the tables of pinyin initials: for each Chinese character the Latin letters with which its readings begin.
//!
//! The library that knows the readings holds them as text, 400 KB of an app (2026-11-24); search asks for initials alone. Common characters
//! get all of theirs: one byte, and a list of those few whose set of letters is rare itself. Rare characters, which lexicons give many readings that
//! nobody uses, get that of the first: five bits each in extension B, and a list of those few that have a reading at all in the others.

use pinyin::ToPinyinMulti;
use std::collections::BTreeMap;
use std::path::Path;

/// 〇, extension A and the unified ideographs.
const COMMON: [(u32, u32); 3] = [(0x3007, 0x3007), (0x3400, 0x4dbf), (0x4e00, 0x9fff)];
/// As many sets of letters are numbered, the most frequent first; the number itself stands for all others.
const OTHERS: usize = 255;
/// Extension B: some stand in names, and registers have taken them up since 2022.
const RARE: (u32, u32) = (0x20000, 0x2a6df);
/// Extensions C to H: 618 of 27,364 have a reading (2026-11-24).
const RAREST: (u32, u32) = (0x2a700, 0x323af);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set_of = |point| readings(point).fold(0_u32, |set, letter| set | 1 << letter);
    let mut counts = BTreeMap::new();
    for point in COMMON.iter().flat_map(|(first, last)| *first..=*last) {
        *counts.entry(set_of(point)).or_insert(0_usize) += 1;
    }
    let mut sets: Vec<u32> = counts.keys().copied().collect();
    sets.sort_by_key(|set| std::cmp::Reverse(counts[set]));
    let (mut blocks, mut others) = (String::new(), Vec::new());
    for (first, last) in COMMON {
        let places: Vec<usize> = (first..=last)
            .map(|point| {
                let wanted = set_of(point);
                let place = sets.iter().position(|set| *set == wanted).expect("each set was counted");
                if place >= OTHERS {
                    others.push((point, sets[place]));
                }
                place.min(OTHERS)
            })
            .collect();
        blocks.push_str(&format!("({first}, &{places:?}), "));
    }
    sets.truncate(OTHERS);
    let (first, last) = RARE;
    let mut rare = vec![0_u8; ((last - first + 1) as usize * 5).div_ceil(8) + 1];
    for (place, point) in (first..=last).enumerate() {
        let letter = readings(point).next().map_or(0, |letter| letter + 1) << (place * 5 % 8);
        rare[place * 5 / 8] |= letter as u8;
        rare[place * 5 / 8 + 1] |= (letter >> 8) as u8;
    }
    let (first_rarest, last_rarest) = RAREST;
    let rarest = (first_rarest..=last_rarest).filter_map(|point| Some((point, readings(point).next()? + 1)));
    let rarest: Vec<u32> = rarest.map(|(point, letter)| point << 8 | letter).collect();
    let code = format!(
        "static SETS: [u32; {OTHERS}] = {sets:?};\nstatic COMMON: [(u32, &[u8]); {}] = [{blocks}];\n\
         static OTHERS: [(u32, u32); {}] = {others:?};\n\
         const RARE_FROM: u32 = {first};\nstatic RARE: [u8; {}] = {rare:?};\nstatic RAREST: [u32; {}] = {rarest:?};\n",
        COMMON.len(),
        others.len(),
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

//! Pinyin initials of Chinese characters, by tables that `build.rs` makes.

// SETS: sets of letters, bit 0 for a; COMMON: blocks of characters by their first, places in SETS or beyond; OTHERS: in order, characters with
// sets that have no place; RARE: five bits each, 0 for none, 1 for a; RAREST: in order, the character above the low byte, the letter in it.
include!(concat!(env!("OUT_DIR"), "/initials.rs"));

/// The letters with which the readings of a character begin, in order; none for what is not a Chinese character.
pub(crate) fn of(character: char) -> impl Iterator<Item = char> {
    let point = u32::from(character);
    let at = |first: u32| point.checked_sub(first).map(|at| at as usize);
    let common = COMMON.iter().find_map(|(first, places)| places.get(at(*first)?));
    let set = match common {
        Some(place) => SETS.get(usize::from(*place)).copied().unwrap_or_else(|| other(point)),
        None => (1 << at(RARE_FROM).and_then(rare).unwrap_or_else(|| rarest(point))) >> 1,
    };
    ('a'..='z').filter(move |letter| set >> (u32::from(*letter) - u32::from('a')) & 1 == 1)
}

fn other(point: u32) -> u32 {
    OTHERS.binary_search_by_key(&point, |one| one.0).map_or(0, |at| OTHERS[at].1)
}

fn rare(place: usize) -> Option<u32> {
    let pair = RARE.get(place * 5 / 8..)?.first_chunk::<2>()?;
    Some(u32::from(u16::from_le_bytes(*pair)) >> (place * 5 % 8) & 31)
}

fn rarest(point: u32) -> u32 {
    let at = RAREST.partition_point(|one| one >> 8 < point);
    RAREST.get(at).filter(|one| *one >> 8 == point).map_or(0, |one| one & 0xff)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_reading_gives_its_initial() {
        let of = |character| super::of(character).collect::<String>();
        assert_eq!((of('王').as_str(), of('独').as_str(), of('吕').as_str()), ("wy", "d", "l"), "wáng, and yù of old");
        assert!(['c', 'd', 's'].iter().all(|letter| of('单').contains(*letter)), "as a title, a word and a name");
        assert_eq!((of('a').as_str(), of('1').as_str(), of('。').as_str(), of('😀').as_str()), ("", "", "", ""));
        assert!(
            of('〇').contains('l')
                && of('㐀').contains('q')
                && of('𠀀') == "h"
                && of('𬭩') == "w"
                && of('\u{2a701}').is_empty()
        );
    }

    #[test]
    fn common_characters_have_initials() {
        let without = ('一'..='龥').filter(|character| super::of(*character).next().is_none()).count();
        assert!(without < 30, "{without} of the 20,902 oldest characters have no reading");
    }
}

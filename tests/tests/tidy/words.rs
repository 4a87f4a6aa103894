//! Rules on the words and blanks of any text file.

use crate::repository::{Complaint, File};

/// Kinds of file that people write. Others (CSV input, snapshots, archives) keep the bytes they came with.
const WRITTEN: [&str; 17] = [
    "rs", "md", "toml", "sql", "html", "css", "js", "svg", "sh", "yml", "yaml", "json", "kt", "kts", "swift", "xml",
    "txt",
];

fn is_written(file: &File) -> bool {
    WRITTEN.contains(&file.extension())
        || matches!(file.name(), "Makefile" | "LICENSE" | "run" | ".gitignore" | ".editorconfig")
}

/// Tabs (outside the Makefile), blanks at a line's end, carriage returns, a missing or doubled last newline, not UTF-8.
pub(crate) fn whitespace(files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_written(file)) {
        let path = &file.path;
        let Some(text) = &file.text else {
            complaints.push(format!("{path}: not UTF-8"));
            continue;
        };
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            complaints.push(format!("{path}: must end with one newline"));
        }
        if text.starts_with('\u{feff}') {
            complaints.push(format!("{path}: begins with a byte order mark"));
        }
        for (number, line) in text.split('\n').enumerate().map(|(index, line)| (index + 1, line)) {
            if line.ends_with([' ', '\t', '\r', '\u{3000}']) {
                complaints.push(format!("{path}:{number}: blank at the line's end"));
            }
            if line.contains('\t') && file.name() != "Makefile" {
                complaints.push(format!("{path}:{number}: tab"));
            }
        }
    }
    complaints
}

/// Marks of unfinished work. Put together from halves, so that this file passes its own rule.
const UNFINISHED: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Marks that say that a place is not done.
pub(crate) fn unfinished(files: &[File]) -> Vec<Complaint> {
    let offends = |word: &str| UNFINISHED.contains(&word);
    complain_of_words(files, offends)
}

/// Words that have no place in this repository, in small letters, as FNV-1a hashes, so that this file passes its own rule.
/// The last is `tidy` and `canary` written as one, which the test plants.
const FOREIGN: [u64; 13] = [
    0x2391_9480_3edf_98f7,
    0x2524_b426_1996_11b3,
    0x8a1b_8f4a_0a91_3503,
    0x7f7a_7547_86a6_64b8,
    0xd523_5518_fae1_f922,
    0xa113_d274_5d70_6ce3,
    0x2ffb_778d_fae5_4384,
    0xd4c8_0b5a_1bd0_7e8e,
    0x125b_6919_1db9_4ab8,
    0xea9e_60ad_81da_16f1,
    0x8d2a_dc28_564d_5167,
    0x2d25_2c8a_a560_c4fc,
    0x73f8_ac02_d51a_e889,
];
/// The same, for a word that offends only in capitals.
const FOREIGN_CAPITALS: u64 = 0x0908_5b07_b5a0_de5f;

/// Words about something else than the product.
pub(crate) fn foreign_names(files: &[File]) -> Vec<Complaint> {
    let offends = |word: &str| FOREIGN.contains(&fnv1a(&word.to_lowercase())) || fnv1a(word) == FOREIGN_CAPITALS;
    complain_of_words(files, offends)
}

fn fnv1a(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn complain_of_words(files: &[File], offends: impl Fn(&str) -> bool) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    // Cargo.lock names other people's crates.
    for file in files.iter().filter(|file| is_written(file) && file.name() != "Cargo.lock") {
        for (number, line) in file.lines() {
            for word in line.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| offends(word)) {
                complaints.push(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    complaints
}

/// Home folders and the like.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk"), concat!("/ro", "ot"), concat!("/ho", "me"), concat!("/Us", "ers")];

/// Absolute paths that exist on the writer's machine only.
pub(crate) fn machine_paths(files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_written(file)) {
        for (number, line) in file.lines() {
            for path in MACHINE_PATHS.into_iter().filter(|path| holds_absolute(line, path)) {
                complaints.push(format!("{}:{number}: {path}", file.path));
            }
        }
    }
    complaints
}

/// Whether `line` holds `path` as the beginning of an absolute path: not after a name or a dot, and a whole part.
fn holds_absolute(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let begins = before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-/}*~$)>".contains(letter));
        let whole = after.is_none_or(|letter| !letter.is_alphanumeric() && !"_-.".contains(letter));
        begins && whole
    })
}

#[test]
fn finds_blanks() {
    let found = |path: &str, text: &str| whitespace(&[File::planted(path, text)]).len();
    assert_eq!(found("a.rs", "fn a() {}\n"), 0);
    assert_eq!(found("a.rs", "fn a() {} \n"), 1);
    assert_eq!(found("a.rs", "\tfn a() {}\n"), 1);
    assert_eq!(found("a.rs", "fn a() {}\r\n"), 1);
    assert_eq!(found("a.rs", "fn a() {}"), 1);
    assert_eq!(found("a.rs", "fn a() {}\n\n"), 1);
    assert_eq!(found("Makefile", "a:\n\tb\n"), 0);
    assert_eq!(found("a.csv", "a,b \r\n"), 0);
    assert_eq!(whitespace(&[File { path: "a.md".to_owned(), text: None }]).len(), 1);
}

#[test]
fn finds_marks_of_unfinished_work() {
    let text = format!("// {}: later\n// {}(me)\nlet mastodon = 1;\n", UNFINISHED[0], UNFINISHED[1]);
    assert_eq!(unfinished(&[File::planted("a.rs", &text)]).len(), 2);
}

#[test]
fn finds_foreign_names() {
    let text = concat!("a Tidy", "Canary, and tidy canaries\n");
    assert_eq!(foreign_names(&[File::planted("a.md", text)]).len(), 1);
    assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8, "the published test vector");
}

#[test]
fn finds_paths_of_one_machine() {
    let found = |line: &str| machine_paths(&[File::planted("a.md", line)]).len();
    assert_eq!(found(concat!("see /wo", "rk/main/x")), 1);
    assert_eq!(found(concat!("`/ro", "ot`")), 1);
    assert_eq!(found("../shared/work/x, net/workload, /workers, https://example.cn/root/x, /rooted"), 0);
}

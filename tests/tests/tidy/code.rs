//! Rules on Rust and SQL. They read lines, and trust rustfmt for where a block ends.

use crate::repository::{Complaint, File};

/// Aim for a file, and where this test stops it: tests inside the file do not count.
const FILE_LINES_AIM: usize = 400;
const FILE_LINES_MAX: usize = 500;
/// Files of tests list cases and may run longer.
const TEST_FILE_LINES_MAX: usize = 700;
/// Aim for a function, and where this test stops it; functions of tests do not count.
const FUNCTION_LINES_AIM: usize = 70;
const FUNCTION_LINES_MAX: usize = 90;

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.extension() == "rs")
}

/// Files over the ceiling.
pub(crate) fn long_files(files: &[File]) -> Vec<Complaint> {
    let complain = |file: &File| {
        let (count, max) = match file.is_test_code() {
            true => (file.lines().count(), TEST_FILE_LINES_MAX),
            false => (without_test_modules(file).len(), FILE_LINES_MAX),
        };
        (count > max).then(|| format!("{}: {count} lines, at most {max}, aim at {FILE_LINES_AIM}", file.path))
    };
    rust(files).filter_map(complain).collect()
}

/// Functions over the ceiling.
pub(crate) fn long_functions(files: &[File]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in rust(files).filter(|file| !file.is_test_code()) {
        let lines = without_test_modules(file);
        for (at, (number, line)) in lines.iter().enumerate() {
            let Some(name) = function_name(line) else { continue };
            let count = lines[at..].iter().take_while(|(_, next)| !ends_function(next, indent(line))).count() + 1;
            if count > FUNCTION_LINES_MAX {
                let path = &file.path;
                complaints.push(format!(
                    "{path}:{number}: fn {name} has {count} lines, at most {FUNCTION_LINES_MAX}, aim at {FUNCTION_LINES_AIM}"
                ));
            }
        }
    }
    complaints
}

/// The function's last line: a closing brace as deep as its first line, or, for a signature in a trait, the semicolon.
fn ends_function(line: &str, depth: usize) -> bool {
    let bare = line.trim_start();
    indent(line) == depth
        && (bare == "}" || bare.ends_with(';') || (function_name(line).is_some() && bare.ends_with('}')))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The name, when the line begins a function.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let modifier =
        |word: &str| matches!(word, "async" | "const" | "unsafe" | "extern" | "\"C\"") || word.starts_with("pub");
    match words.find(|word| !modifier(word))? {
        "fn" => words.next()?.split(['(', '<']).next(),
        _ => None,
    }
}

/// The numbered lines outside `#[cfg(test)] mod … { … }`.
fn without_test_modules(file: &File) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = file.lines().peekable();
    while let Some((number, line)) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let depth = indent(line);
            while lines.next_if(|(_, next)| next.trim_start().starts_with("#[")).is_some() {}
            if lines.peek().is_some_and(|(_, next)| next.trim_start().starts_with("mod ") && next.ends_with('{')) {
                lines.by_ref().find(|(_, next)| *next == format!("{:depth$}}}", ""));
                continue;
            }
        }
        kept.push((number, line));
    }
    kept
}

/// Modules whose name says nothing.
pub(crate) fn vague_modules(files: &[File]) -> Vec<Complaint> {
    const VAGUE: [&str; 8] = ["manager", "helper", "helpers", "util", "utils", "common", "misc", "shared"];
    let complain = |file: &File| {
        let stem = file.path.strip_suffix("/mod.rs").or(file.path.strip_suffix(".rs"))?.rsplit('/').next()?;
        VAGUE.contains(&stem).then(|| format!("{}: '{stem}' could hold anything", file.path))
    };
    rust(files).filter_map(complain).collect()
}

/// Tests that do not run.
pub(crate) fn skipped_tests(files: &[File]) -> Vec<Complaint> {
    const SKIPS: [&str; 2] = [concat!("#[", "ignore"), concat!("```", "ignore")];
    let mut complaints = Vec::new();
    for file in rust(files) {
        for (number, line) in file.lines().filter(|(_, line)| SKIPS.iter().any(|skip| line.contains(skip))) {
            complaints.push(format!("{}:{number}: {}", file.path, line.trim()));
        }
    }
    complaints
}

/// SQL that reads the clock or rolls dice behind the ports' back.
pub(crate) fn clocks_in_sql(files: &[File]) -> Vec<Complaint> {
    const ANYWHERE: [&str; 5] = ["current_timestamp", "current_date", "current_time", "'now'", "randomblob("];
    const IN_SQL: [&str; 5] = ["random()", "unixepoch()", "julianday()", "datetime()", "date()"];
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| !file.is_test_code() && matches!(file.extension(), "rs" | "sql")) {
        for (number, line) in file.lines() {
            let line = line.to_lowercase();
            let offends = |word: &&&str| line.contains(**word) && !line.trim_start().starts_with("--");
            let mut words = ANYWHERE.iter().chain(if file.extension() == "sql" { &IN_SQL[..] } else { &[] });
            if let Some(word) = words.find(offends) {
                complaints.push(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "    let a = 1;\n".repeat(count)
    }

    #[test]
    fn finds_long_files_without_their_tests() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines(300));
        let found = |path: &str, text: &str| long_files(&[File::planted(path, text)]).len();
        assert_eq!(found("core/src/a.rs", &format!("{}{tests}", lines(500))), 0);
        assert_eq!(found("core/src/a.rs", &format!("{}{tests}", lines(501))), 1);
        assert_eq!(found("core/src/a.rs", &format!("{tests}{}", lines(501))), 1);
        assert_eq!(found("core/tests/a.rs", &lines(501)), 0);
        assert_eq!(found("core/tests/a.rs", &lines(701)), 1);
    }

    #[test]
    fn finds_long_functions() {
        let found = |text: &str| long_functions(&[File::planted("core/src/a.rs", text)]);
        assert!(found(&format!("fn a() {{\n{}}}\nfn b() {{\n{}}}\n", lines(88), lines(60))).is_empty());
        let long =
            format!("trait T {{\n    fn a();\n}}\npub(crate) async fn b<T>(\n    x: T,\n) {{\n{}}}\n", lines(90));
        assert_eq!(found(&long), ["core/src/a.rs:4: fn b has 94 lines, at most 90, aim at 70"]);
    }

    #[test]
    fn finds_vague_modules() {
        let named = |path: &str| File::planted(path, "");
        assert_eq!(vague_modules(&[named("core/src/util.rs"), named("core/tests/common/mod.rs")]).len(), 2);
        assert!(vague_modules(&[named("core/src/visit.rs"), named("core/src/store/mod.rs")]).is_empty());
    }

    #[test]
    fn finds_skipped_tests() {
        let text = concat!("#[test]\n#[", "ignore = \"slow\"]\nfn a() {}\n");
        assert_eq!(skipped_tests(&[File::planted("core/src/a.rs", text)]).len(), 1);
    }

    #[test]
    fn finds_clocks_in_sql() {
        let found = |path: &str, text: &str| clocks_in_sql(&[File::planted(path, text)]).len();
        assert_eq!(found("core/src/a.sql", "at INTEGER DEFAULT CURRENT_TIMESTAMP"), 1);
        assert_eq!(found("core/src/a.sql", "SELECT RANDOM();\n-- not random()"), 1);
        assert_eq!(found("core/src/a.rs", "let random = ids.random();"), 0);
        assert_eq!(found("core/src/a.rs", "\"SELECT strftime('%s', 'now')\""), 1);
    }
}

//! Rules on what lies where.

use std::collections::BTreeSet;

use crate::repository::{Complaint, File, root};

/// The top level, whole. A new name needs a decision (docs/adr/) and a line in docs/architecture.md.
const TOP_LEVEL: [&str; 18] = [
    "Cargo.toml",
    "core",
    "bindings",
    "android-shell",
    "ios-shell",
    "sync-server",
    "tests",
    "README.md",
    "Makefile",
    "Cargo.lock",
    "docs",
    "LICENSE",
    ".ci",
    ".cargo",
    ".clippy.toml",
    ".editorconfig",
    ".gitignore",
    ".rustfmt.toml",
];

/// Names at the top level that do not belong there, and those that are missing.
pub(crate) fn top_level(files: &[File]) -> Vec<Complaint> {
    let found: BTreeSet<&str> = files.iter().filter_map(|file| file.path.split('/').next()).collect();
    let wanted = BTreeSet::from(TOP_LEVEL);
    let extra = found.difference(&wanted).map(|name| format!("{name}: does not belong at the top level"));
    let missing = wanted.difference(&found).map(|name| format!("{name}: missing"));
    extra.chain(missing).collect()
}

/// Targets of the Makefile without a help line, or not declared phony.
pub(crate) fn make_targets(files: &[File]) -> Vec<Complaint> {
    let Some(makefile) = files.iter().find(|file| file.path == "Makefile") else {
        return vec!["Makefile: missing".to_owned()];
    };
    let phony: BTreeSet<&str> =
        makefile.lines().filter_map(|(_, line)| line.strip_prefix(".PHONY:")).flat_map(str::split_whitespace).collect();
    let mut complaints = Vec::new();
    for (number, line) in makefile.lines() {
        let Some((target, rest)) = line.split_once(':') else { continue };
        if target.is_empty()
            || !target.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            || rest.starts_with('=')
        {
            continue;
        }
        if rest.split_once("## ").is_none_or(|(_, help)| help.trim().is_empty()) {
            complaints.push(format!("Makefile:{number}: {target} has no help line"));
        }
        if !phony.contains(target) {
            complaints.push(format!("Makefile:{number}: {target} is not in .PHONY"));
        }
    }
    complaints
}

/// Scripts under .ci that cannot be started by name.
pub(crate) fn scripts_not_executable(files: &[File]) -> Vec<Complaint> {
    let scripts = files.iter().filter(|file| file.path.starts_with(".ci/"));
    scripts.filter(|file| !is_executable(&file.path)).map(|file| format!("{}: not executable", file.path)).collect()
}

#[cfg(unix)]
fn is_executable(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(root().join(path)).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &str) -> bool {
    root().join(path).exists()
}

#[test]
fn finds_strangers_and_gaps_at_the_top() {
    let with = |extra: &[&str]| -> Vec<File> {
        let names = TOP_LEVEL.iter().filter(|name| **name != "docs").chain(extra);
        names.map(|name| File::planted(name, "")).collect()
    };
    assert!(top_level(&with(&["docs/architecture.md"])).is_empty());
    assert_eq!(
        top_level(&with(&["docs/architecture.md", "scripts/a.sh"])),
        ["scripts: does not belong at the top level"]
    );
    assert_eq!(top_level(&with(&[])), ["docs: missing"]);
}

#[test]
fn finds_targets_without_help() {
    let found = |text: &str| make_targets(&[File::planted("Makefile", text)]).len();
    assert_eq!(found(".PHONY: a b\nX := 1\na: ## Does a\n\t@true\nb: a ## Does b\n"), 0);
    assert_eq!(found(".PHONY: a\na:\n\t@true\n"), 1);
    assert_eq!(found("a: ## Does a\n"), 1);
}

#[test]
fn finds_scripts_that_cannot_be_run() {
    assert_eq!(scripts_not_executable(&[File::planted(".ci/none.sh", "")]).len(), 1);
}

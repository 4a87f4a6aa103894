//! The files that are, or would be, committed.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is wrong, beginning with the path.
pub(crate) type Complaint = String;

/// A file of the repository.
pub(crate) struct File {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    /// `None`: not UTF-8.
    pub(crate) text: Option<String>,
}

impl File {
    /// A made-up file, to try a rule on.
    #[cfg(test)]
    pub(crate) fn planted(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: Some(text.to_owned()) }
    }

    /// What follows the last dot, or nothing.
    pub(crate) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The path's last part.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Its lines with their numbers from 1; none when it is not text.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.as_deref().unwrap_or_default().lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// A file of tests, or of what only tests use.
    pub(crate) fn is_test_code(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.name() == "tests.rs"
    }
}

/// The repository's root folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the root").to_owned()
}

/// Every file that git knows or would add; without git (an unpacked archive), every file outside the build folders.
pub(crate) fn files() -> Vec<File> {
    let root = root();
    let mut paths = listed_by_git(&root).unwrap_or_else(|| {
        let mut found = Vec::new();
        walk(&root, "", &mut found);
        found
    });
    paths.sort();
    let read = |path: String| {
        let bytes = std::fs::read(root.join(&path)).ok()?;
        Some(File { path, text: String::from_utf8(bytes).ok() })
    };
    paths.into_iter().filter_map(read).collect()
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    // A checkout that belongs to another user, as on some build machines, is fine to read.
    let trust = format!("safe.directory={}", root.display());
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").current_dir(root).args(["-c", &trust]).args(list).output().ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    let names: Vec<String> = names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (output.status.success() && !names.is_empty()).then_some(names)
}

fn walk(root: &Path, folder: &str, found: &mut Vec<String>) {
    const NOT_OURS: [&str; 5] = [".git", "target", "node_modules", ".gradle", ".build"];
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) => walk(root, &path, found),
            Ok(kind) if kind.is_file() => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn the_walk_without_git_sees_what_git_sees() {
    let mut walked = Vec::new();
    walk(&root(), "", &mut walked);
    assert!(walked.iter().any(|path| path == "tests/tests/tidy/repository.rs"));
    assert!(walked.iter().all(|path| !path.starts_with("target/") && !path.starts_with(".git/")));
}

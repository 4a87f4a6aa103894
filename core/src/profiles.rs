//! Several profiles on one phone: each its own database and its own key, so that what one person wrote is never open to another. Somebody
//! who works for two cities, or two people who share a phone, have one each.

use crate::store::open::KEY_NAME;
use crate::{Error, Options, practice};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use zoufang_domain::order;

/// Longest name of a profile, in characters: with what stands before it, it must fit the name of a key.
pub const NAME_MAX_CHARS: usize = 32;
/// What the file of a named profile begins with.
const PREFIX: &str = "profile-";
/// What database files end with.
const SUFFIX: &str = ".db";
/// The first profile of a phone, which has no name of its own.
const FIRST_FILE: &str = "zoufang.db";

/// Where a profile's database lies in a folder, and under which name its key: for the first profile of a phone no name is given.
///
/// # Errors
/// [`Error::Invalid`] with field `profile` for a name other than 1 to [`NAME_MAX_CHARS`] of `a-z 0-9 -`.
pub fn place(folder: &Path, name: Option<&str>) -> Result<Options, Error> {
    let Some(name) = name else {
        return Ok(Options { path: folder.join(FIRST_FILE), key_name: KEY_NAME.to_owned() });
    };
    if !is_name(name) {
        return Err(Error::Invalid { field: "profile".into() });
    }
    let path = folder.join(format!("{PREFIX}{name}{SUFFIX}"));
    Ok(Options { path, key_name: format!("{PREFIX}{name}") })
}

/// The profiles in a folder: `None` for the first one, then the named ones in the order of their names. The practice database is none.
///
/// # Errors
/// [`Error::Port`] when the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Option<String>>, Error> {
    let failed = |error: std::io::Error| Error::Port(error.kind().to_string());
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let Some(name) = name.to_str().filter(|name| *name != practice::FILE) else { continue };
        if name == FIRST_FILE {
            found.push(None);
        } else if let Some(own) = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX))
            && is_name(own)
        {
            found.push(Some(own.to_owned()));
        }
    }
    order::sort(&mut found);
    Ok(found)
}

/// Whether a profile's database is there.
pub fn exists(options: &Options) -> bool {
    options.path.exists()
}

fn is_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=NAME_MAX_CHARS).contains(&name.len()) && name.chars().all(is_plain)
}

//! Inputs that are kept: `tests/corpora/<target>/<name>`, plain bytes without an extension. Files whose names begin with `found-` once
//! showed a defect and stay for good; the others are real messages.

use std::io;
use std::path::{Path, PathBuf};

/// The folder of a target's inputs.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora").join(target)
}

/// A target's inputs with their names, in the order of these.
///
/// # Errors
/// When the folder does not read. One that is not there has none.
pub fn read(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut inputs = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        inputs.push((name, std::fs::read(&path)?));
    }
    inputs.sort();
    Ok(inputs)
}

/// Writes an input.
///
/// # Errors
/// What the system says.
pub fn write(folder: &Path, name: &str, input: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(name);
    std::fs::write(&path, input)?;
    Ok(path)
}

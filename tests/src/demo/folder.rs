//! The demo's folder: made when it is not there, emptied of the demo's own files, and left alone when it is somebody else's.

use super::DemoError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Says that a folder is the demo's. Locked while a demo runs.
const MARK: &str = ".zoufang-demo";
/// What the mark says to people.
const MARK_TEXT: &str = "zoufang demo: this folder is emptied of server.db, roster.csv, safety.xlsx, safety.csv and phones/ by each `make demo`\n";
/// The phones' folder.
const PHONES: &str = "phones";
/// The roster that is written and imported.
const ROSTER: &str = "roster.csv";
/// The form that is written and imported.
const FORM: &str = "safety.xlsx";
/// What was answered to it.
const ANSWERS: &str = "safety.csv";

/// The folder, kept by this demo until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes a folder and removes what an earlier demo left in it.
    ///
    /// # Errors
    /// [`DemoError::NotOurs`] when a server's database lies there that no demo made, [`DemoError::InUse`] while another demo runs there,
    /// or what the system says.
    pub fn take(path: &Path) -> Result<Folder, DemoError> {
        fs::create_dir_all(path)?;
        let mark = path.join(MARK);
        if !mark.exists() && (path.join("server.db").exists() || path.join(PHONES).exists()) {
            return Err(DemoError::NotOurs(path.to_owned()));
        }
        let lock = File::options().write(true).create(true).truncate(false).open(&mark)?;
        lock.try_lock().map_err(|_| DemoError::InUse(path.to_owned()))?;
        fs::write(&mark, MARK_TEXT)?;
        remove_files(path, |name| [ROSTER, FORM, ANSWERS].contains(&name) || name.starts_with("server.db"))?;
        let phones = path.join(PHONES);
        fs::create_dir_all(&phones)?;
        remove_files(&phones, |name| name.starts_with("phone-"))?;
        Ok(Folder { path: path.to_owned(), _lock: lock })
    }
    /// The folder itself: the server's data folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Where the phones' files are.
    pub fn phones(&self) -> PathBuf {
        self.path.join(PHONES)
    }
    /// Where the roster is written.
    pub fn roster(&self) -> PathBuf {
        self.path.join(ROSTER)
    }
    /// Where the form's workbook is written.
    pub fn form(&self) -> PathBuf {
        self.path.join(FORM)
    }
    /// Where the answers to it are written.
    pub fn answers(&self) -> PathBuf {
        self.path.join(ANSWERS)
    }
}

fn remove_files(folder: &Path, is_ours: impl Fn(&str) -> bool) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_file = entry.file_type()?.is_file();
        if is_file && entry.file_name().to_str().is_some_and(&is_ours) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_emptied_of_the_demos_files_and_of_no_others() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("demo");
        let folder = Folder::take(&path).unwrap();
        fs::write(path.join("server.db"), "1").unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        fs::write(folder.phones().join("phone-0001.db-wal"), "1").unwrap();
        assert!(matches!(Folder::take(&path), Err(DemoError::InUse(_))));
        drop(folder);
        let folder = Folder::take(&path).unwrap();
        assert!(!path.join("server.db").exists() && !folder.phones().join("phone-0001.db-wal").exists());
        assert_eq!(fs::read_to_string(path.join("notes.txt")).unwrap(), "mine");
    }

    #[test]
    fn a_real_servers_folder_is_left_alone() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("server.db"), "a city").unwrap();
        assert!(matches!(Folder::take(base.path()), Err(DemoError::NotOurs(_))));
        assert_eq!(fs::read_to_string(base.path().join("server.db")).unwrap(), "a city");
    }
}

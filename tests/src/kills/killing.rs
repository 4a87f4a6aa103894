//! A disk that ends its own process by SIGKILL at a chosen operation, inside the system call's place: nothing of the process runs on.

use crate::power_cut::vfs::{Disk, Event, Refusal};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where in the operation the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it: a write, a sync, a cut, an opening or a deletion. Reads do not count.
    Before,
    /// In the middle of a write; only writes count.
    Half,
}

impl Moment {
    /// Both.
    pub const ALL: [Moment; 2] = [Moment::Before, Moment::Half];

    /// Its word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Moment::Before => "before",
            Moment::Half => "half",
        }
    }
}

impl FromStr for Moment {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Moment::ALL.into_iter().find(|moment| moment.word() == word);
        known.ok_or_else(|| format!("{word} is neither before nor half"))
    }
}

/// The disk.
pub struct KillingDisk {
    left_count: AtomicU64,
    moment: Moment,
}

impl KillingDisk {
    /// A disk on which so many operations are done before the one that ends the process.
    pub fn after(operations_count: u64, moment: Moment) -> Arc<Self> {
        Arc::new(KillingDisk { left_count: AtomicU64::new(operations_count), moment })
    }
}

impl Disk for KillingDisk {
    fn event(&self, path: &str, event: Event<'_>) -> Result<(), Refusal> {
        let counts = match self.moment {
            Moment::Before => !matches!(event, Event::Read | Event::Opened),
            Moment::Half => matches!(event, Event::Write { .. }),
        };
        if !counts {
            return Ok(());
        }
        let still_lives =
            self.left_count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if still_lives {
            return Ok(());
        }
        if let (Moment::Half, Event::Write { at, bytes }) = (self.moment, event) {
            let file = OpenOptions::new().write(true).open(path).expect("the file that is being written is there");
            file.write_all_at(&bytes[..bytes.len() / 2], at).expect("half of the bytes are written");
        }
        end_at_once()
    }
}

/// Ends this process as the system does when it needs the memory.
fn end_at_once() -> ! {
    let own = std::process::id().to_string();
    // A shell of its own, since std sends no signals; until it arrives this thread holds whatever it holds.
    let sent = Command::new("sh").args(["-c", "kill -9 \"$0\"", &own]).spawn();
    assert!(sent.is_ok(), "a shell to send the signal");
    loop {
        std::thread::park();
    }
}

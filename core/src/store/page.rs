//! A page of a pull. Its rows are read by whoever asks first: a thread may read ahead while the store still lays down those before.

use crate::store::records::{self, Columns};
use serde_json::value::RawValue;
use std::sync::OnceLock;
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::record::{Record, Unreadable};
use zoufang_domain::wire::pull::{NamedKind, PullAnswer, Row, is_of_later_kind};

/// From how many rows on another thread reads ahead: 850 visits take 3 ms to read beside the 7 of storing them (a profile of 2026-11-26). A
/// day's few changes are not worth a thread.
pub(crate) const READ_AHEAD_FROM_COUNT: usize = 64;

/// An answer to a pull.
#[derive(Debug)]
pub struct Page {
    /// What came beside the rows; its own `rows` are empty.
    pub answer: PullAnswer,
    /// The rows, in their order.
    pub(crate) rows: Vec<PageRow>,
}

/// One row.
#[derive(Debug)]
pub(crate) enum PageRow {
    /// A record as it is.
    Is(Arrived),
    /// A record is no longer in its area.
    Gone {
        /// Its kind.
        kind: NamedKind,
        /// Its id.
        id: Uuid,
        /// The area that it left.
        area: UnitId,
        /// Whether it was erased.
        erased: bool,
    },
}

/// A record that came.
#[derive(Debug)]
pub(crate) struct Arrived {
    json: Box<RawValue>,
    read: OnceLock<Reading>,
}

/// What a record's JSON says. The record itself is not kept: few rows need it again, and with two or three pages of them in memory the first
/// pull of 8,000 visits peaked at 29 MB instead of 20 (2026-11-27).
#[derive(Debug)]
pub(crate) enum Reading {
    /// What is stored beside it.
    Record(Columns),
    /// It is of a kind that came after this version, and cannot be shown.
    OfLaterKind,
    /// It is no record.
    Unreadable(Unreadable),
}

impl From<PullAnswer> for Page {
    fn from(mut answer: PullAnswer) -> Self {
        let rows = std::mem::take(&mut answer.rows).into_iter().map(|row| match row {
            Row::Is(json) => PageRow::Is(Arrived { json, read: OnceLock::new() }),
            Row::Gone { kind, id, area, erased } => PageRow::Gone { kind, id, area, erased },
        });
        Page { rows: rows.collect(), answer }
    }
}

impl Page {
    /// Reads all rows.
    pub(crate) fn read_ahead(&self) {
        for row in &self.rows {
            if let PageRow::Is(arrived) = row {
                arrived.read();
            }
        }
    }
}

impl Arrived {
    /// Its canonical JSON.
    pub(crate) fn json(&self) -> &str {
        self.json.get()
    }
    /// The record.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub(crate) fn record(&self) -> Result<Record, Unreadable> {
        records::parse(self.json())
    }
    /// What it says.
    pub(crate) fn read(&self) -> &Reading {
        self.read.get_or_init(|| match self.record() {
            Ok(record) => Reading::Record(Columns::of(&record)),
            // A newer server has kinds of records that this app cannot show.
            Err(_) if is_of_later_kind(self.json()) => Reading::OfLaterKind,
            Err(unreadable) => Reading::Unreadable(unreadable),
        })
    }
}

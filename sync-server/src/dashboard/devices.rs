//! Phones: when each was last in step, and what waited on it.

use super::UnitPage;
use super::frame::{Frame, Section};
use crate::reports::devices;
use crate::reports::labels::time;
use crate::reports::{Asked, ReportError};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;

/// Phones on one page; the CSV has all.
const SHOWN_MAX_COUNT: usize = 500;

#[derive(Template)]
#[template(path = "devices.html")]
pub(super) struct Page {
    f: Frame,
    count: usize,
    silent: u64,
    unsent: u64,
    is_cut: bool,
    rows: Vec<Row>,
}

struct Row {
    units: String,
    staff: String,
    phone: String,
    status: String,
    is_active: bool,
    last_sync: String,
    silent: bool,
    unsent: u64,
    oldest_unsent: String,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Devices;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = devices::devices(c, &who.scope, asked)?;
        let row = |device: &devices::DeviceRow| Row {
            units: device.units.clone(),
            staff: device.staff.clone(),
            phone: format!("{} · {}", device.platform, device.app_version),
            status: f.label("device", &device.status).to_owned(),
            is_active: device.status == "active",
            last_sync: device.last_sync.map_or_else(|| f.t.never.to_owned(), time),
            silent: device.silent,
            unsent: device.unsent_count,
            oldest_unsent: device.oldest_unsent.map(time).unwrap_or_default(),
        };
        Ok(Page {
            count: report.devices.len(),
            silent: report.silent_count(),
            unsent: report.unsent_count(),
            is_cut: report.devices.len() > SHOWN_MAX_COUNT,
            rows: report.devices.iter().take(SHOWN_MAX_COUNT).map(row).collect(),
            f,
        })
    }
}

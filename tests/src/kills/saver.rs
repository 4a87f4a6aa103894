//! What the process saves. The same every time, down to ids and the clock, so that whoever reads its files afterwards knows what they held
//! after each call.

use crate::phone::Phone;
use crate::ports::{MINUTE_MS, MORNING_MS, SeededIds, SetClock};
use crate::world::all_homes;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::ports::FileKeyVault;
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Error, Options};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::visit::{Mode, Outcome};

/// The word for a database that is open.
pub const OPENED: &str = "opened";
/// The word for everything being done.
pub const DONE: &str = "done";

/// The phone whose database is at that path, or is made there, with its key in the same folder.
///
/// # Errors
/// What the core says.
pub fn open(path: &Path) -> Result<Phone, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let vault = Arc::new(FileKeyVault::new(folder));
    Phone::with_vault(
        Options::new(path),
        SetClock::at(MORNING_MS + MINUTE_MS),
        Arc::new(SeededIds::of(57, 0x5a7e)),
        vault,
    )
}

/// Works, and says after each call that has returned which it was. Nothing when the phone is not enrolled.
///
/// # Errors
/// What the core says.
pub fn work(phone: &Phone, mut said: impl FnMut(&str)) -> Result<(), Error> {
    let core = phone.core();
    if core.profile()?.is_none() {
        return Ok(());
    }
    let mut returned = |call: &str| {
        phone.clock.forward(MINUTE_MS);
        said(call);
    };
    let homes = all_homes(core)?;
    for (at, home) in homes.iter().enumerate().take(3) {
        let note = format!("第 {at} 户，一切正常。{}", "记".repeat(at * 900));
        core.save_visit(VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) })?;
        returned("a visit");
    }
    let Some(home) = homes.first() else { return Ok(()) };
    let edit = HouseholdEdit { phone: Some(Some("13900057001".to_owned())), ..HouseholdEdit::default() };
    core.edit_household(home.household, &edit)?;
    returned("an edit");
    let draft = core.start_visit_draft(home.household)?;
    returned("a draft");
    let fields: [(&str, Value); 3] =
        [("mode", json!("phone")), ("outcome", json!("done")), ("note", json!("说了几句"))];
    for (field, value) in fields {
        core.save_draft_field(draft, field, value)?;
        returned("a field");
    }
    core.pause()?;
    returned("to the background");
    core.resume()?;
    returned("and back");
    core.save_draft_as_visit(draft)?;
    returned("the draft as a visit");
    let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, "楼道灯不亮".to_owned());
    matter.household = Some(home.household);
    core.report_matter(matter)?;
    returned("a matter");
    Ok(())
}

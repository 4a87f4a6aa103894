//! What a manager does on a visit day, through the phone's own use cases: visits with every outcome, edits, matters.

use crate::dice::Dice;
use crate::phone::Phone;
use crate::ports::MINUTE_MS;
use crate::world::all_homes;
use serde_json::json;
use zoufang_core::Error;
use zoufang_core::appointments::AppointmentDraft;
use zoufang_core::households::{DwellingEdit, HouseholdEdit};
use zoufang_core::matters::MatterDraft;
use zoufang_core::residents::ResidentDraft;
use zoufang_core::views::HomeView;
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_domain::appointment::{Party, Purpose, Slot};
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Use;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::visit::{Duty, Mode, Outcome};

/// Of a hundred homes, how many are called on in a day.
const CALLED_ON_PERCENT: usize = 88;

const NOTES: [&str; 8] = [
    "家中平安，无新情况。",
    "老人独自在家，已留联系电话，下周再来看望。",
    "询问医保缴费办法，已当面说明。",
    "楼道堆放杂物，已劝导清理。",
    "新搬来租户两人，已登记。",
    "反映夜间停车拥挤，已记录。",
    "宣传反诈知识，发放材料一份。",
    "暖气不热，已电话联系供热站。",
];
const SUMMARIES: [&str; 6] =
    ["楼道照明灯损坏", "下水道返味", "单元门锁损坏", "邻里因噪声争执", "咨询养老认证办法", "外墙瓷砖松动，有坠落隐患"];
const DONE: [&str; 3] = ["已联系物业当场更换", "已当面讲明办法并代为填写", "已调解，双方握手言和"];
const DUTIES: [Duty; 5] = [Duty::Information, Duty::Errands, Duty::Mediation, Duty::CoManagement, Duty::Publicity];
const KINDS: [MatterKind; 6] = [
    MatterKind::Enquiry,
    MatterKind::Help,
    MatterKind::Complaint,
    MatterKind::Suggestion,
    MatterKind::Hazard,
    MatterKind::Dispute,
];

/// Records one half of a day: every second home of the walk, beginning with the first or the second. Nothing here knows a network.
///
/// # Errors
/// What the core says.
pub fn record_half(phone: &Phone, half: usize, dice: &mut Dice) -> Result<(), Error> {
    for home in all_homes(phone.core())?.iter().skip(half).step_by(2) {
        phone.clock.forward(dice.between(2, 9) as i64 * MINUTE_MS);
        if dice.percent(CALLED_ON_PERCENT) {
            call_on(phone, home, dice)?;
        }
        if dice.percent(8) {
            edit(phone, home, dice)?;
        }
    }
    Ok(())
}

/// The edit that two managers of one micro-grid both make without seeing each other's.
///
/// # Errors
/// What the core says.
pub fn edit_the_same(phone: &Phone, number: usize) -> Result<(), Error> {
    let Some(home) = all_homes(phone.core())?.into_iter().next() else { return Ok(()) };
    let edit = HouseholdEdit { phone: Some(Some(format!("1390001{number:04}"))), ..HouseholdEdit::default() };
    phone.core().edit_household(home.household, &edit)?;
    Ok(())
}

/// Two appointments of the day: one is kept, with its visit, and of the other nobody was at home.
///
/// # Errors
/// What the core says.
pub fn appointments(phone: &Phone) -> Result<(), Error> {
    let core = phone.core();
    let homes = all_homes(core)?;
    let [first, second, ..] = homes.as_slice() else { return Ok(()) };
    let from = phone.clock.now_ms();
    let slot = Slot { from: Moment::from_ms(from), to: Moment::from_ms(from + 30 * MINUTE_MS) };
    let draft = |home: &HomeView, purpose| AppointmentDraft {
        agreed: Some(slot),
        ..AppointmentDraft::new(home.household, purpose, Party::Resident, vec![slot])
    };
    let kept = core.propose_appointment(&draft(first, Purpose::Errand))?;
    phone.clock.forward(20 * MINUTE_MS);
    let note = "按预约上门，代办医保缴费。".to_owned();
    let visit = core.save_visit(VisitDraft { note, ..VisitDraft::new(first.household, Mode::Door, Outcome::Done) })?;
    core.keep_appointment(kept.id, Some(visit.id))?;
    let missed = core.propose_appointment(&draft(second, Purpose::Visit))?;
    phone.clock.forward(20 * MINUTE_MS);
    core.miss_appointment(missed.id, Party::Resident)?;
    Ok(())
}

fn call_on(phone: &Phone, home: &HomeView, dice: &mut Dice) -> Result<(), Error> {
    let outcome = match dice.below(100) {
        0..75 => Outcome::Done,
        75..92 => Outcome::NoAnswer,
        _ => Outcome::Refused,
    };
    let mode = *dice.pick(&[Mode::Door, Mode::Door, Mode::Door, Mode::Phone, Mode::Met]);
    let visit = match dice.percent(25) {
        true => write_field_by_field(phone, home, mode, outcome, dice)?,
        false => save_at_once(phone, home, mode, outcome, dice)?,
    };
    if outcome == Outcome::NoAnswer && dice.percent(20) {
        // Met on the way back: what was written stands, the correction says why.
        let change = VisitChange { outcome: Some(Outcome::Done), ..VisitChange::default() };
        phone.core().amend_visit(visit, &change, "返程时遇到住户")?;
    }
    Ok(())
}

fn save_at_once(
    phone: &Phone,
    home: &HomeView,
    mode: Mode,
    outcome: Outcome,
    dice: &mut Dice,
) -> Result<zoufang_domain::ids::VisitId, Error> {
    let mut draft = VisitDraft::new(home.household, mode, outcome);
    if outcome == Outcome::Done {
        draft.note = (*dice.pick(&NOTES)).to_owned();
        draft.duties = vec![*dice.pick(&DUTIES), *dice.pick(&DUTIES)];
        draft.needs_follow_up = dice.percent(15);
        if dice.percent(14) {
            draft.matters.push(matter(dice));
        }
    }
    let visit = phone.core().save_visit(draft)?;
    for id in &visit.matters {
        follow_up(phone, *id, dice)?;
    }
    Ok(visit.id)
}

fn write_field_by_field(
    phone: &Phone,
    home: &HomeView,
    mode: Mode,
    outcome: Outcome,
    dice: &mut Dice,
) -> Result<zoufang_domain::ids::VisitId, Error> {
    let core = phone.core();
    let draft = core.start_visit_draft(home.household)?;
    core.save_draft_field(draft, "mode", json!(mode))?;
    core.save_draft_field(draft, "outcome", json!(outcome))?;
    core.save_draft_field(draft, "note", json!(*dice.pick(&NOTES)))?;
    Ok(core.save_draft_as_visit(draft)?.id)
}

fn matter(dice: &mut Dice) -> MatterDraft {
    let track = *dice.pick(&[Track::Simple, Track::Simple, Track::Professional, Track::Hard]);
    let mut matter = MatterDraft::new(*dice.pick(&KINDS), track, *dice.pick(&SUMMARIES));
    if track == Track::Simple && dice.percent(50) {
        matter.done = Some((*dice.pick(&DONE)).to_owned());
    }
    matter
}

/// Some matters are handled, answered or withdrawn on the same day.
fn follow_up(phone: &Phone, id: zoufang_domain::ids::MatterId, dice: &mut Dice) -> Result<(), Error> {
    let core = phone.core();
    let known = core.matter(id)?;
    let is_handled = known.state == zoufang_domain::matter::MatterState::SelfHandled;
    match dice.below(10) {
        0..6 if is_handled => core.answer(id, "测试户本人", "当面", "满意")?,
        0..2 => core.withdraw(id, "住户表示已自行解决")?,
        2..5 if known.track == Track::Simple && !is_handled => {
            let done = *dice.pick(&DONE);
            core.self_handle(id, done)?
        }
        5 => core.note(id, "已拍照留存")?,
        _ => known,
    };
    Ok(())
}

fn edit(phone: &Phone, home: &HomeView, dice: &mut Dice) -> Result<(), Error> {
    let core = phone.core();
    match dice.below(4) {
        0 => {
            let people_count = Some(Some(dice.between(1, 7) as u16));
            core.edit_household(home.household, &HouseholdEdit { people_count, ..HouseholdEdit::default() })?;
        }
        1 => {
            let number = format!("1390002{:04}", dice.below(10_000));
            let edit = HouseholdEdit { phone: Some(Some(number)), ..HouseholdEdit::default() };
            core.edit_household(home.household, &edit)?;
        }
        2 => {
            let edit = DwellingEdit { used_as: Some(*dice.pick(&[Use::Own, Use::Rented])), ..DwellingEdit::default() };
            core.edit_dwelling(home.dwelling, &edit)?;
        }
        _ => {
            let draft = ResidentDraft {
                household: home.household,
                name: format!("测试居民{:04}", dice.below(10_000)),
                sex: None,
                birth_year: Some(dice.between(1940, 2020) as i32),
                phone: None,
                kind: *dice.pick(&[ResidencyKind::Registered, ResidencyKind::Floating]),
                lives_where_registered: None,
                from: None,
            };
            core.add_resident(&draft)?;
        }
    }
    Ok(())
}

//! A server that holds the work of a year in one micro-grid, done by its manager through a phone's own use cases and by the desks above.

use super::{HOMES_COUNT, Size};
use crate::bench::data::{self, Workload};
use crate::bench::sync::{self, Failure};
use crate::desks::{Course, Desks};
use crate::fleet::Serving;
use crate::phone::Phone;
use crate::ports::{DAY_MS, HOUR_MS, MINUTE_MS, SetClock};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::appointments::AppointmentDraft;
use zoufang_core::care::{CareNeedDraft, CareOf};
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::ports::SystemIds;
use zoufang_core::residents::ResidentDraft;
use zoufang_core::rights::AskedBy;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_core::{Core, Error};
use zoufang_domain::appointment::{Party, Purpose, Slot};
use zoufang_domain::cadence::{CadenceRule, MustVisitList, OnDayOff, Rhythm, Span};
use zoufang_domain::calendar::Moment;
use zoufang_domain::care::CareNeedType;
use zoufang_domain::form::answers::FilledForm;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, StaffId, UnitId, VisitId, derived};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::rights::Right;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::Level;
use zoufang_domain::visit::{Duty, Location, Mode, Outcome};
use zoufang_sync_server::forms::{self, Wanted};
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::store::Store;
use zoufang_sync_server::{App, Config, rules};

/// How long the manager has been at work.
const WORK_DAYS: i64 = 300;
/// The form that every tenth visit answers.
pub(super) const FORM: &str = "safety";
/// What the street asks to be visited each week.
const LIST: &str = "测试必访清单";
/// Homes that two phones edited without seeing each other's.
const CONFLICTS_COUNT: usize = 12;
/// Names of residents after 测试, so that a search by initials has something to tell apart.
const NAMES: [&str; 12] = [
    "王秀英",
    "李建国",
    "张桂兰",
    "刘志强",
    "陈玉珍",
    "杨海燕",
    "赵永强",
    "黄丽华",
    "周文博",
    "吴晓明",
    "徐凤英",
    "孙国栋",
];

type Http = HttpProtocol<ReqwestTransport>;

/// Makes the server's database in a folder, and gives codes for so many more phones of the manager.
///
/// # Errors
/// What core or server say.
pub(super) async fn server(
    folder: &Path,
    work: &Path,
    size: Size,
    phones_count: usize,
) -> Result<Vec<String>, Failure> {
    let workload = Workload {
        households: (0..HOMES_COUNT).map(|at| derived(&["big", &at.to_string()])).collect(),
        micro_grid: derived(&["big", "micro-grid"]),
        manager: derived(&["big", "manager"]),
        visits: Vec::new(),
        extra: Vec::new(),
    };
    let mut codes = sync::prepare(folder, &workload, 2)?;
    let config = Config::new(folder);
    let app = App::new(Store::open(&config.database())?, config)?;
    let area = UnitId(workload.micro_grid);
    let rules = set_rules(&app)?;
    let community = UnitId(derived(&["bench", Level::Community.name()]));
    let desks = Desks::post(&app, community)?.ok_or("a district above")?;
    let serving = Serving::start(Arc::clone(&app)).await?;
    let mut next = || codes.pop().ok_or("a code for each phone");
    let homes: Vec<HouseholdId> = workload.households.iter().copied().map(HouseholdId).collect();
    let manager = Author::enrol(work, "author", &serving, next()?).await?;
    manager.sync().await?;
    manager.settle_in(&homes, &rules)?;
    let matters = manager.work(&homes, size)?;
    manager.sync().await?;
    through_the_desks(&app, area, &desks, &manager, &matters).await?;

    let other = Author::enrol(work, "other", &serving, next()?).await?;
    other.sync().await?;
    for (number, author) in [&manager, &other].into_iter().enumerate() {
        for (at, home) in homes.iter().take(CONFLICTS_COUNT).enumerate() {
            let phone = Some(Some(format!("1390{number}{at:06}")));
            author.core().edit_household(*home, &HouseholdEdit { phone, ..HouseholdEdit::default() })?;
        }
    }
    manager.sync().await?;
    other.sync().await?;
    let codes = (0..phones_count).map(|_| serving.enrol_code(StaffId(workload.manager)));
    let codes = codes.collect::<Result<_, _>>()?;
    serving.stop().await;
    Ok(codes)
}

/// What the units above set.
struct Rules {
    list: Uuid,
    care_type: Uuid,
}

fn set_rules(app: &App) -> Result<Rules, Failure> {
    let now_ms = app.now_ms();
    let street = UnitId(derived(&["bench", Level::Street.name()]));
    let from = Moment::from_ms(now_ms - (WORK_DAYS + 30) * DAY_MS).day();
    let list = rules::id_by_name(Kind::MustVisitList, street, LIST);
    let rule = |name: &str, rhythm, list| CadenceRule {
        name: name.into(),
        rhythm,
        list,
        window_days: None,
        on_day_off: OnDayOff::Keep,
        from,
        to: None,
    };
    let of = CareNeedType {
        name: "测试独居老人".into(),
        purpose: "上门探望".into(),
        seen_by: vec![Role::MicroGridManager, Role::GridLeader],
        valid_max_days: 90,
    };
    app.store.write(|tx| -> Result<(), LedgerError> {
        let must = MustVisitList { name: LIST.into(), reason: "测试".into(), condition: None };
        rules::set_list(tx, now_ms, CONSOLE, street, &must)?;
        for rule in [
            rule("测试每月走访", Rhythm::Every(Span::Month), None),
            rule("测试走访日", Rhythm::DaysOfMonth(vec![5, 15, 25]), None),
            rule("测试每周必访", Rhythm::Every(Span::Week), Some(list)),
            rule("测试半年普访", Rhythm::Every(Span::HalfYear), None),
        ] {
            rules::set_rule(tx, now_ms, CONSOLE, street, &rule)?;
        }
        rules::set_care_type(tx, now_ms, CONSOLE, street, &of)?;
        forms::publish(tx, now_ms, CONSOLE, street, form())?;
        Ok(())
    })?;
    Ok(Rules { list, care_type: rules::id_by_name(Kind::CareNeedType, street, &of.name) })
}

fn form() -> Wanted {
    let field = |id: &str, kind: &str, label: &str| json!({"id": id, "type": kind, "label": {"zh": label}, "purpose": "入户安全检查"});
    let fields = json!([
        field("gas", "yes_no", "家中是否使用燃气"),
        field("people", "number", "现住几人"),
        field("found", "text", "发现的问题"),
    ]);
    let fields = serde_json::from_value(fields).expect("a form that reads");
    Wanted { form: FORM.into(), name: "测试入户安全检查".into(), fields }
}

/// A phone on which the year's work was done. Its clock says when.
struct Author {
    phone: Phone,
    protocol: Http,
    now_ms: i64,
}

impl Author {
    async fn enrol(folder: &Path, name: &str, serving: &Serving, code: String) -> Result<Author, Failure> {
        let now_ms = serving.app.now_ms();
        let path = folder.join(format!("{name}.db"));
        let phone = Phone::new(&path, SetClock::at(now_ms), Arc::new(SystemIds::new()))?;
        let input = EnrolInput { server_url: format!("http://{}", serving.address()), ca_pem: None, code };
        let protocol = input.protocol()?;
        phone.enrol(&protocol, input).await?;
        Ok(Author { phone, protocol, now_ms })
    }
    fn core(&self) -> &Core {
        self.phone.core()
    }
    async fn sync(&self) -> Result<(), Error> {
        self.phone.clock.set(self.now_ms);
        let report = self.phone.sync_over(&self.protocol).await?;
        match report.quarantined_count {
            0 => Ok(()),
            _ => Err(Error::Invalid { field: "quarantined".into() }),
        }
    }
    /// Two or three residents a home, needs of some, a list with a quarter of the homes, and some contacts who want a copy of their data.
    fn settle_in(&self, homes: &[HouseholdId], rules: &Rules) -> Result<(), Error> {
        let core = self.core();
        let today = Moment::from_ms(self.now_ms).day();
        for (at, home) in homes.iter().enumerate() {
            let mut last: Option<ResidentId> = None;
            for number in 0..2 + at % 2 {
                let draft = ResidentDraft {
                    household: *home,
                    name: format!("测试{}", NAMES[(at * 3 + number) % NAMES.len()]),
                    sex: None,
                    birth_year: Some(1940 + ((at * 7 + number * 23) % 80) as i32),
                    phone: Some(format!("1380{at:03}{number:04}")),
                    kind: if at % 5 == 0 { ResidencyKind::Floating } else { ResidencyKind::Registered },
                    lives_where_registered: Some(at % 5 != 0),
                    from: None,
                };
                last = Some(core.add_resident(&draft)?.id);
            }
            if at % 3 == 0 {
                let whose = last.filter(|_| at % 2 == 0).map_or(CareOf::Household(*home), CareOf::Resident);
                let valid_until = today + chrono::Days::new(10 + at as u64);
                let basis = "入户走访时了解，本人同意登记。".to_owned();
                core.add_care_need(&CareNeedDraft {
                    whose,
                    of: rules.care_type,
                    basis,
                    valid_from: None,
                    valid_until,
                })?;
            }
            if at % 10 == 0 {
                core.ask_right(AskedBy::Contact(*home), Right::Copy)?;
            }
            if at % 4 == 0 {
                core.set_on_list(*home, rules.list, true)?;
            }
        }
        Ok(())
    }
    /// The visits, in the order in which they were made, with matters and appointments between them.
    fn work(&self, homes: &[HouseholdId], size: Size) -> Result<Vec<MatterId>, Error> {
        const APPOINTMENT_EVERY_COUNT: usize = 60;
        let notes = data::notes(20_261_126, size.visits_count);
        let step_ms = WORK_DAYS * DAY_MS / size.visits_count as i64;
        let mut matters = Vec::with_capacity(size.matters_count);
        for (at, note) in notes.iter().enumerate() {
            let home = homes[at * 7 % homes.len()];
            self.phone.clock.set(self.now_ms - WORK_DAYS * DAY_MS + step_ms * at as i64);
            let is_matter_due = (at + 1) * size.matters_count / size.visits_count > matters.len();
            let matter = is_matter_due.then(|| matter(matters.len(), note));
            let mut draft = visit(home, at, note);
            let on_the_visit = matter.is_some() && matters.len() % 5 < 2;
            if let Some(matter) = matter.as_ref().filter(|_| on_the_visit) {
                draft.matters.push(matter.clone());
            }
            let saved = self.core().save_visit(draft)?;
            matters.extend(saved.matters);
            if let Some(matter) = matter.filter(|_| !on_the_visit) {
                let matter = MatterDraft { household: Some(home), ..matter };
                matters.push(self.core().report_matter(matter)?.id);
            }
            self.afterwards(at, saved.id)?;
            if at % APPOINTMENT_EVERY_COUNT == 0 {
                self.appointment(home, at / APPOINTMENT_EVERY_COUNT, saved.id)?;
            }
        }
        self.phone.clock.set(self.now_ms);
        for (at, home) in homes.iter().enumerate().filter(|(at, _)| at % 2 == 0) {
            self.core().propose_appointment(&appointment(*home, self.now_ms + at as i64 * HOUR_MS / 2))?;
        }
        Ok(matters)
    }
    /// Some visits are corrected, a few declared void.
    fn afterwards(&self, at: usize, visit: VisitId) -> Result<(), Error> {
        if at % 50 == 11 {
            let note = "更正：电话应为新号码，已当面核对。".to_owned();
            let change = VisitChange { note: Some(note), ..VisitChange::default() };
            self.core().amend_visit(visit, &change, "记录有误")?;
        }
        Ok(())
    }
    fn appointment(&self, home: HouseholdId, number: usize, visit: VisitId) -> Result<(), Error> {
        let made = self.core().propose_appointment(&appointment(home, self.phone.clock.now_ms()))?;
        match number % 4 {
            0 => self.core().miss_appointment(made.id, Party::Resident)?,
            1 => self.core().cancel_appointment(made.id, Some("住户临时有事"))?,
            _ => self.core().keep_appointment(made.id, Some(visit))?,
        };
        Ok(())
    }
}

fn appointment(home: HouseholdId, from_ms: i64) -> AppointmentDraft {
    let slot = Slot { from: Moment::from_ms(from_ms), to: Moment::from_ms(from_ms + 30 * MINUTE_MS) };
    let note = "代办医保缴费，请带好证件。".to_owned();
    let draft = AppointmentDraft::new(home, Purpose::Errand, Party::Resident, vec![slot]);
    AppointmentDraft { note, agreed: Some(slot), ..draft }
}

/// A visit with a note of eighty characters, every tenth with a form.
pub(super) fn visit(home: HouseholdId, at: usize, note: &str) -> VisitDraft {
    let answers = json!({"gas": at.is_multiple_of(20), "people": at % 6 + 1, "found": "灶具软管老化，已提醒更换。"});
    let form = json!({"form": FORM, "version": 1, "answers": answers});
    let form: FilledForm = serde_json::from_value(form).expect("answers that read");
    VisitDraft {
        note: note.to_owned(),
        duties: vec![Duty::Information, Duty::Errands],
        needs_follow_up: at.is_multiple_of(5),
        location: Some(Location { lat: 37.85 + at as f64 / 1e6, lon: 113.57 }),
        form: at.is_multiple_of(10).then_some(form),
        ..VisitDraft::new(home, Mode::Door, if at % 9 == 8 { Outcome::NoAnswer } else { Outcome::Done })
    }
}

/// What becomes of a matter, by its number: of twenty, five are handled on the spot and answered, two handled, six closed by a desk, two
/// still reported, and one each accepted, dispatched, in progress, handled by the department, sent back, withdrawn … so that every state
/// that a phone meets is there.
fn matter(number: usize, note: &str) -> MatterDraft {
    let track = match number % 20 {
        0..7 => Track::Simple,
        _ => [Track::Professional, Track::Hard][number % 2],
    };
    let summary: String = note.chars().take(24).collect();
    MatterDraft {
        done: (number % 20 < 7).then(|| "已联系物业当场更换，住户确认恢复使用".to_owned()),
        ..MatterDraft::new([MatterKind::Help, MatterKind::Hazard, MatterKind::Enquiry][number % 3], track, summary)
    }
}

async fn through_the_desks(
    app: &App,
    area: UnitId,
    desks: &Desks,
    manager: &Author,
    matters: &[MatterId],
) -> Result<(), Failure> {
    let core = manager.core();
    for (number, matter) in matters.iter().copied().enumerate() {
        let course = Course { app, area, matter };
        match number % 20 {
            7..13 | 18 => course.handled(desks)?,
            15 => course.moves(desks.community, "accept", json!({}))?,
            16 => course.bounced(desks)?,
            17 => course.begun(desks)?,
            19 => course.moves(desks.community, "return", json!({ "reason": "请补充具体位置和联系电话" }))?,
            _ => {}
        }
    }
    manager.sync().await?;
    for (number, matter) in matters.iter().copied().enumerate() {
        match number % 20 {
            0..5 | 7..13 => drop(core.answer(matter, "测试户本人", "当面告知", "问题解决了，谢谢")?),
            13 if number % 40 == 13 => drop(core.withdraw(matter, "住户表示已自行解决")?),
            14 => drop(core.note(matter, "已拍照留存，住户要求尽快处理，电话说明了办理时限。")?),
            _ => {}
        }
    }
    manager.sync().await?;
    for (_, matter) in matters.iter().copied().enumerate().filter(|(number, _)| (7..13).contains(&(number % 20))) {
        Course { app, area, matter }.closed(desks)?;
    }
    manager.sync().await?;
    Ok(())
}

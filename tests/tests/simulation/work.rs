//! What the holder of a phone does: all that the core offers, on what the phone shows, with hostile text now and then.

use crate::posts::Posts;
use crate::promises::Promises;
use uuid::Uuid;
use zoufang_core::households::{DwellingEdit, HomeDraft, HouseholdEdit};
use zoufang_core::matters::{MatterDraft, MatterFilter};
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::views::{HomeView, MatterView, Page};
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_core::{Core, Error};
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Use;
use zoufang_domain::ids::{NoticeId, UnitId, VisitId};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::dice::Dice;

/// Whoever works: a phone's core, and where to write down what it promised.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) core: Core,
    pub(crate) phone: usize,
    pub(crate) posts: Posts,
    pub(crate) promises: Promises,
}

/// What texts hold in a tenth of the cases.
const HOSTILE: &str = "\u{202e}'\"<b>=cmd|\0\u{feff}%s{}; DROP TABLE record";

impl Worker {
    /// One intent. What it may be refused is a value; anything else is the caller's to judge.
    pub(crate) fn work(&self, dice: &mut Dice) -> Result<String, Error> {
        let homes = self.core.homes(Page::FIRST)?;
        if homes.is_empty() {
            return Ok("no home".to_owned());
        }
        let home = dice.pick(&homes);
        let area = self.posts.area_number(home.micro_grid);
        let word = self.promises.word(area, self.phone);
        let text = if dice.percent(10) { format!("{word}{HOSTILE}") } else { word.clone() };
        match self.act(home, text, dice) {
            Ok(Some((what, visit))) => {
                self.promises.took(&word, self.phone, visit);
                Ok(format!("{what} {word}"))
            }
            Ok(None) => Ok("an edit".to_owned()),
            Err(Error::Invalid { field }) => Ok(format!("refused: {field}")),
            Err(Error::NotAllowed) => Ok("refused: not allowed".to_owned()),
            Err(Error::NotFound { what }) => Ok(format!("refused: no {what}")),
            Err(other) => {
                self.promises.may_have_taken(&word, self.phone);
                Err(other)
            }
        }
    }

    fn act(
        &self,
        home: &HomeView,
        text: String,
        dice: &mut Dice,
    ) -> Result<Option<(&'static str, Option<VisitId>)>, Error> {
        let core = &self.core;
        match dice.below(16) {
            0..5 => {
                let outcome = *dice.pick(&Outcome::ALL);
                // Notices that no server ever heard of: a visit is kept whatever became of them.
                let notices = (0..dice.below(3)).map(|number| NoticeId(Uuid::from_u128(number as u128))).collect();
                let draft = VisitDraft { note: text, notices, ..VisitDraft::new(home.household, Mode::Door, outcome) };
                let saved = core.save_visit(draft)?;
                return Ok(Some(("a visit", Some(saved.id))));
            }
            5..8 => {
                let number = Some(format!("139{:08}", dice.below(100_000_000)));
                let edit = match dice.below(4) {
                    0 => HouseholdEdit { phone: Some(None), contact: Some(None), ..HouseholdEdit::default() },
                    1 => HouseholdEdit { people_count: Some(Some(dice.below(9) as u16)), ..HouseholdEdit::default() },
                    _ => HouseholdEdit { phone: Some(number), ..HouseholdEdit::default() },
                };
                core.edit_household(home.household, &edit)?;
            }
            8 => {
                let used_as = Some(*dice.pick(&[Use::Own, Use::Rented, Use::Vacant]));
                core.edit_dwelling(home.dwelling, &DwellingEdit { used_as, ..DwellingEdit::default() })?;
            }
            9 => {
                let name = text.chars().filter(|letter| !letter.is_control()).take(28).collect();
                return self.resident(home, name, dice);
            }
            10 | 11 => {
                let mut draft =
                    MatterDraft::new(MatterKind::Help, *dice.pick(&[Track::Simple, Track::Professional]), text);
                draft.household = Some(home.household);
                core.report_matter(draft)?;
                return Ok(Some(("a matter", None)));
            }
            12 | 13 => {
                let matters = core.matters(MatterFilter::All, Page::FIRST)?;
                if let Some(matter) = in_area(&matters, home, dice) {
                    return self.event(matter, &text, dice).map(Some);
                }
            }
            14 => {
                let visits = core.visits_of(home.household, Page::FIRST)?;
                if visits.is_empty() {
                    return Ok(None);
                }
                let id = dice.pick(&visits).id;
                if dice.percent(20) {
                    let number = dice.below(4) as u128;
                    core.set_visit_notices(id, &[NoticeId(Uuid::from_u128(number))])?;
                    return Ok(None);
                }
                if dice.percent(70) {
                    let change = VisitChange { needs_follow_up: Some(dice.percent(50)), ..VisitChange::default() };
                    core.amend_visit(id, &change, &text)?;
                    return Ok(Some(("a correction", None)));
                }
                core.void_visit(id, "重复登记")?;
            }
            _ => self.rarely(home, dice)?,
        }
        Ok(None)
    }

    /// One field of one of the first homes of an area.
    pub(crate) fn edit_home(&self, area: UnitId, at: usize, dice: &mut Dice) -> Result<String, Error> {
        let homes = self.core.homes(Page::FIRST)?;
        let homes: Vec<_> = homes.iter().filter(|home| home.micro_grid == area).collect();
        let Some(home) = homes.get(at) else { return Ok("no such home".to_owned()) };
        let edit = match dice.percent(50) {
            true => HouseholdEdit { people_count: Some(Some(dice.below(9) as u16)), ..HouseholdEdit::default() },
            false => {
                let number = format!("139{:08}", dice.below(100_000_000));
                HouseholdEdit { phone: Some(Some(number)), ..HouseholdEdit::default() }
            }
        };
        self.core.edit_household(home.household, &edit).map(|_| "an edit".to_owned())
    }

    fn resident(
        &self,
        home: &HomeView,
        name: String,
        dice: &mut Dice,
    ) -> Result<Option<(&'static str, Option<VisitId>)>, Error> {
        let known = self.core.residents_of(home.household)?;
        if !known.is_empty() && dice.percent(30) {
            let year = Some(Some(1940 + dice.below(60) as i32));
            self.core.edit_resident(known[0].id, &ResidentEdit { birth_year: year, ..ResidentEdit::default() })?;
            return Ok(None);
        }
        self.core.add_resident(&ResidentDraft {
            household: home.household,
            name,
            sex: None,
            birth_year: None,
            phone: None,
            kind: ResidencyKind::Floating,
            lives_where_registered: None,
            from: None,
        })?;
        Ok(Some(("a resident", None)))
    }

    fn event(
        &self,
        matter: &MatterView,
        text: &str,
        dice: &mut Dice,
    ) -> Result<(&'static str, Option<VisitId>), Error> {
        let (core, id) = (&self.core, matter.id);
        let what = match dice.below(5) {
            0 => core.self_handle(id, text).map(|_| "handled"),
            1 => core.answer(id, "测试户", "当面", text).map(|_| "answered"),
            2 => core.withdraw(id, text).map(|_| "withdrawn"),
            3 => core.list_attempts(id, &[text.to_owned()]).map(|_| "not reached"),
            _ => core.note(id, text).map(|_| "a note"),
        };
        what.map(|what| (what, None))
    }

    fn rarely(&self, home: &HomeView, dice: &mut Dice) -> Result<(), Error> {
        let core = &self.core;
        let conflicts = core.conflicts()?;
        match conflicts.first() {
            Some(first) => {
                let side = dice.pick(&first.sides).value.value.clone();
                core.settle_conflict(first.kind, first.record, &first.field, side)
            }
            None if dice.percent(30) => {
                let to = Moment::from_ms(core.ports().clock.now_ms()).day();
                core.close_household(home.household, to).map(|_| ())
            }
            None => {
                let mut address = home.address.clone();
                address.room = format!("9{:02}", dice.below(100));
                let draft = HomeDraft {
                    micro_grid: home.micro_grid,
                    address,
                    used_as: Use::Own,
                    contact: Some("测试户新".to_owned()),
                    phone: None,
                    people_count: None,
                    from: None,
                    shares_dwelling: false,
                };
                core.add_home(&draft).map(|_| ())
            }
        }
    }

    /// A visit written as a draft, field by field, and saved from it.
    pub(crate) fn draft(&self, dice: &mut Dice) -> Result<String, Error> {
        let homes = self.core.homes(Page::FIRST)?;
        if homes.is_empty() {
            return Ok("no home".to_owned());
        }
        let home = dice.pick(&homes);
        let area = self.posts.area_number(home.micro_grid);
        let word = self.promises.word(area, self.phone);
        let draft = self.core.start_visit_draft(home.household)?;
        for (field, value) in [("mode", "door"), ("outcome", "done"), ("note", word.as_str())] {
            self.core.save_draft_field(draft, field, serde_json::Value::from(value))?;
        }
        match self.core.save_draft_as_visit(draft) {
            Ok(saved) => {
                self.promises.took(&word, self.phone, Some(saved.id));
                Ok(format!("a visit from a draft {word}"))
            }
            Err(Error::Invalid { .. } | Error::NotAllowed | Error::NotFound { .. }) => Ok("a draft stays".to_owned()),
            Err(other) => {
                self.promises.may_have_taken(&word, self.phone);
                Err(other)
            }
        }
    }
}

/// A matter of the home's area: the word names that area.
fn in_area<'m>(matters: &'m [MatterView], home: &HomeView, dice: &mut Dice) -> Option<&'m MatterView> {
    let here: Vec<_> = matters.iter().filter(|matter| matter.micro_grid == home.micro_grid).collect();
    (!here.is_empty()).then(|| *dice.pick(&here))
}

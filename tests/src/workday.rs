//! Work of every kind that a phone knows, a step at a time and always the same: for whatever must hold one of each.

use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeSet;
use zoufang_core::households::{DwellingEdit, HomeDraft, HouseholdEdit};
use zoufang_core::matters::{MatterDraft, MatterEdit, MatterFilter};
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::views::{HomeView, MatterView, Page, VisitView};
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_core::work::Work;
use zoufang_core::{Core, Error};
use zoufang_domain::home::{Address, Use};
use zoufang_domain::matter::{MatterKind, Track, Urgency};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::resident::{ResidencyKind, Sex};
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{Mode, Outcome};

/// Every pair of kind and action that somebody who leads a grid may make.
pub const ALL: [(Kind, &str); 18] = [
    (Kind::Dwelling, "create"),
    (Kind::Dwelling, "set"),
    (Kind::Household, "create"),
    (Kind::Household, "set"),
    (Kind::Household, "add"),
    (Kind::Household, "remove"),
    (Kind::Resident, "create"),
    (Kind::Resident, "set"),
    (Kind::Residency, "create"),
    (Kind::Residency, "set"),
    (Kind::Visit, "create"),
    (Kind::Visit, "append"),
    (Kind::Visit, "void"),
    (Kind::Matter, "create"),
    (Kind::Matter, "append"),
    (Kind::Matter, "set"),
    (Kind::Matter, "add"),
    (Kind::Matter, "remove"),
];

/// Which pairs these operations are.
pub fn pairs<'o>(operations: impl IntoIterator<Item = &'o Operation>) -> BTreeSet<(Kind, &'static str)> {
    operations.into_iter().map(|operation| (operation.kind, operation.action.name())).collect()
}

/// Steps of a round: after so many of them each kind of work was done.
pub const ROUND_STEPS_COUNT: usize = 16;

/// A day's work on one phone, in the first of its micro-grids.
pub struct Workday<'c> {
    core: &'c Core,
    day: NaiveDate,
    last_visit: Option<VisitView>,
    last_matter: Option<MatterView>,
}

impl<'c> Workday<'c> {
    /// Work on a phone that has had its first sync.
    pub fn on(core: &'c Core, day: NaiveDate) -> Self {
        Workday { core, day, last_visit: None, last_matter: None }
    }
    /// Does the work of one step. What a step does depends on its number alone, and on what the steps before it did.
    ///
    /// # Errors
    /// What the core says: no step is refused on a phone whose holder leads the grid.
    pub fn step(&mut self, number: usize) -> Result<(), Error> {
        let (core, round) = (self.core, number / ROUND_STEPS_COUNT);
        let homes = core.homes(Page::FIRST)?;
        let home = &homes[number % homes.len()];
        match number % ROUND_STEPS_COUNT {
            0 | 4 | 8 | 15 => self.visit(home, number)?,
            1 => self.amend(number)?,
            2 => self.household(home, number)?,
            3 => {
                let used_as = Some(if round.is_multiple_of(2) { Use::Rented } else { Use::Own });
                core.edit_dwelling(home.dwelling, &DwellingEdit { used_as, ..DwellingEdit::default() })?;
            }
            5 => drop(core.add_resident(&resident(home, number))?),
            6 => self.residents(home, number)?,
            7 | 12 => self.report(home, number)?,
            9 => self.matter(number)?,
            10 => self.answer(number)?,
            11 => {
                if let Some(visit) = self.last_visit.take_if(|_| round.is_multiple_of(2)) {
                    core.void_visit(visit.id, "重复登记")?;
                }
            }
            13 => self.elements(home)?,
            14 if round.is_multiple_of(8) => self.home(home, number)?,
            _ => self.household(home, number)?,
        }
        Ok(())
    }
    fn visit(&mut self, home: &HomeView, number: usize) -> Result<(), Error> {
        let outcome = Outcome::ALL[number % Outcome::ALL.len()];
        let mode = if number.is_multiple_of(3) { Mode::Phone } else { Mode::Door };
        let draft = VisitDraft { note: format!("第 {number} 次"), ..VisitDraft::new(home.household, mode, outcome) };
        self.last_visit = Some(self.core.save_visit(draft)?);
        Ok(())
    }
    fn amend(&mut self, number: usize) -> Result<(), Error> {
        if let Some(visit) = &self.last_visit {
            let change = VisitChange { note: Some(format!("更正 {number}")), ..VisitChange::default() };
            self.core.amend_visit(visit.id, &change, "写错了")?;
        }
        Ok(())
    }
    fn household(&self, home: &HomeView, number: usize) -> Result<(), Error> {
        let phone = Some(Some(format!("139000{:05}", number % 100_000)));
        let edit = HouseholdEdit { phone, people_count: Some(Some((number % 9) as u16)), ..HouseholdEdit::default() };
        self.core.edit_household(home.household, &edit)?;
        Ok(())
    }
    fn residents(&self, home: &HomeView, number: usize) -> Result<(), Error> {
        let mut lives = self.core.residents_of(home.household)?.into_iter().filter(|one| one.to.is_none());
        let Some(one) = lives.next() else {
            self.core.add_resident(&resident(home, number))?;
            return Ok(());
        };
        let edit = ResidentEdit { phone: Some(Some("13900000006".to_owned())), ..ResidentEdit::default() };
        self.core.edit_resident(one.id, &edit)?;
        self.core.move_out(one.residency, self.day)?;
        Ok(())
    }
    fn report(&mut self, home: &HomeView, number: usize) -> Result<(), Error> {
        let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, format!("测试诉求 {number}"));
        draft.household = Some(home.household);
        self.last_matter = Some(self.core.report_matter(draft)?);
        Ok(())
    }
    fn matter(&self, number: usize) -> Result<(), Error> {
        if let Some(matter) = &self.last_matter {
            self.core.note(matter.id, &format!("记一笔 {number}"))?;
            let edit = MatterEdit { urgency: Some(Urgency::Urgent), line: Some(Some("民政".to_owned())) };
            self.core.edit_matter(matter.id, &edit)?;
        }
        Ok(())
    }
    fn answer(&mut self, number: usize) -> Result<(), Error> {
        if let Some(matter) = self.last_matter.take() {
            self.core.self_handle(matter.id, &format!("已处理 {number}"))?;
            self.core.answer(matter.id, "测试户", "当面", "满意")?;
        }
        Ok(())
    }
    /// Sets are on the wire and in the merge, but no screen fills them yet (care needs come later): done here as a later core will do it.
    fn elements(&self, home: &HomeView) -> Result<(), Error> {
        let matter = self.core.matters(MatterFilter::All, Page::FIRST)?.first().map(|matter| matter.id.0);
        let subjects = [(Kind::Household, Some(home.household.0)), (Kind::Matter, matter)];
        let (options, ports) = (self.core.options(), self.core.ports());
        let open = OpenOptions { key_name: options.key_name.clone(), ..OpenOptions::new(&options.path, MIGRATIONS) };
        let database = Database::open(&open, ports.vault.as_ref(), ports.ids.as_ref())?;
        for (kind, id) in subjects {
            let Some(id) = id else { continue };
            database.write(|tx| {
                let mut work = Work::begin(tx, ports.clock.as_ref(), ports.ids.as_ref())?;
                let (set, element) = ("care".to_owned(), "测试标记".to_owned());
                let add =
                    Action::Add { set: set.clone(), element: element.clone(), value: json!({ "until": "2027-01-01" }) };
                work.perform(home.micro_grid, kind, id, add)?;
                work.perform(home.micro_grid, kind, id, Action::Remove { set, element })
            })?;
        }
        Ok(())
    }
    fn home(&self, beside: &HomeView, number: usize) -> Result<(), Error> {
        let address = Address { building: "99".to_owned(), unit: String::new(), room: number.to_string() };
        let draft = HomeDraft {
            micro_grid: beside.micro_grid,
            address,
            used_as: Use::Own,
            contact: Some("测试户主".to_owned()),
            phone: None,
            people_count: None,
            from: None,
            shares_dwelling: false,
        };
        let home = self.core.add_home(&draft)?;
        if number.is_multiple_of(3) {
            self.core.close_household(home.household, self.day)?;
        }
        Ok(())
    }
}

fn resident(home: &HomeView, number: usize) -> ResidentDraft {
    ResidentDraft {
        household: home.household,
        name: format!("测试居民{number}"),
        sex: Some(Sex::Female),
        birth_year: Some(1950 + (number % 60) as i32),
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: Some(true),
        from: None,
    }
}

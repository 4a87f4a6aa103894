//! What every page about a unit shares: where in the tree it stands, which period, the sections, who is signed in.

use super::texts::{self, Texts};
use crate::reports::labels::{day, label, time};
use crate::reports::units::{self, UnitName};
use crate::reports::{Asked, ReportError, conflicts, quarantine, rights};
use crate::web::{ICON, STYLESHEET, SignedIn};
use chrono::Days;
use rusqlite::Connection;
use zoufang_domain::calendar::Period;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;
use zoufang_domain::report::Rate;

/// The sections, in the order of their tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Visits,
    Matters,
    Appointments,
    Notices,
    Devices,
    Conflicts,
    Quarantine,
    Rights,
}

impl Section {
    const ALL: [Section; 9] = [
        Section::Overview,
        Section::Visits,
        Section::Matters,
        Section::Appointments,
        Section::Notices,
        Section::Devices,
        Section::Conflicts,
        Section::Quarantine,
        Section::Rights,
    ];

    /// The page's route.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Section::Overview => "/overview",
            Section::Visits => "/visits",
            Section::Matters => "/matters",
            Section::Appointments => "/appointments",
            Section::Notices => "/notices",
            Section::Devices => "/devices",
            Section::Conflicts => "/conflicts",
            Section::Quarantine => "/quarantine",
            Section::Rights => "/rights",
        }
    }

    fn title(self, t: &'static Texts) -> &'static str {
        match self {
            Section::Overview => t.overview,
            Section::Visits => t.visits,
            Section::Matters => t.matters,
            Section::Appointments => t.appointments,
            Section::Notices => t.notices,
            Section::Devices => t.devices,
            Section::Conflicts => t.conflicts,
            Section::Quarantine => t.quarantine,
            Section::Rights => t.rights,
        }
    }

    /// Whether the period has a bearing on it. The others show how things stand now.
    fn has_period(self) -> bool {
        use Section::{Appointments, Matters, Notices, Overview, Rights, Visits};
        matches!(self, Overview | Visits | Matters | Appointments | Notices | Rights)
    }

    /// The report that its CSV link names, if it has one.
    fn report(self) -> Option<&'static str> {
        match self {
            Section::Overview => Some("coverage"),
            Section::Visits => Some("visits"),
            Section::Matters => Some("matters"),
            Section::Notices => Some("notices"),
            Section::Devices => Some("devices"),
            Section::Appointments | Section::Conflicts | Section::Quarantine | Section::Rights => None,
        }
    }
}

/// A link with its words.
pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) current: bool,
    /// A number beside the words, when there is something to do.
    pub(super) count: u64,
}

/// The frame.
pub(super) struct Frame {
    pub(super) t: &'static Texts,
    pub(super) language: Language,
    pub(super) stylesheet: &'static str,
    pub(super) icon: &'static str,
    pub(super) title: &'static str,
    pub(super) action: &'static str,
    pub(super) unit: UnitName,
    pub(super) level: &'static str,
    pub(super) crumbs: Vec<Link>,
    pub(super) tabs: Vec<Link>,
    pub(super) has_period: bool,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) span: String,
    pub(super) quick: [Link; 2],
    pub(super) csv: Option<String>,
    pub(super) made_at: String,
    pub(super) person: String,
    pub(super) csrf: String,
    pub(super) language_href: String,
    /// This page, for forms that lead back to it.
    pub(super) here: String,
    period: Period,
}

impl Frame {
    pub(super) fn of(c: &Connection, who: &SignedIn, asked: &Asked, section: Section) -> Result<Self, ReportError> {
        let t = texts::of(who.language);
        let unit = units::named(c, &who.scope, asked.unit)?;
        let (period, at) = (asked.period, asked.unit);
        let waiting = |of: Section| match of {
            Section::Conflicts => conflicts::count(c, at),
            Section::Quarantine => quarantine::count(c, at),
            Section::Rights => rights::waiting_count(c, at),
            _ => Ok(0),
        };
        let tab = |of: Section| {
            let (text, href) = (of.title(t).to_owned(), href(of.path(), at, period));
            Ok::<_, ReportError>(Link { text, href, current: of == section, count: waiting(of)? })
        };
        let today = asked.now.day();
        let this = Period::month_of(today);
        let last = Period::month_of(this.from.checked_sub_days(Days::new(1)).unwrap_or(today));
        let quick = |text: &str, month: Period| Link {
            text: text.to_owned(),
            href: href(section.path(), at, month),
            current: month == period,
            count: 0,
        };
        let csv = section.report().map(|name| href(&format!("/api/v1/reports/{name}"), at, period) + "&format=csv");
        let here = href(section.path(), at, period);
        Ok(Frame {
            t,
            language: who.language,
            stylesheet: STYLESHEET,
            icon: ICON,
            title: section.title(t),
            action: section.path(),
            level: label(who.language, "level", unit.level.name()),
            crumbs: crumbs(c, who, asked, section)?,
            tabs: Section::ALL.into_iter().map(tab).collect::<Result<_, _>>()?,
            has_period: section.has_period(),
            from: period.from.to_string(),
            to: period.to.to_string(),
            span: format!("{} – {}", day(who.language, period.from), day(who.language, period.to)),
            quick: [quick(t.this_month, this), quick(t.last_month, last)],
            csv,
            made_at: time(asked.now),
            person: who.session.name.clone(),
            csrf: who.session.csrf.clone(),
            language_href: language_href(who.language, &here),
            here,
            unit,
            period,
        })
    }

    /// The same page about another unit.
    pub(super) fn to_unit(&self, unit: UnitId) -> String {
        href(self.action, unit, self.period)
    }

    /// Words for a name inside records.
    pub(super) fn label<'n>(&self, group: &str, name: &'n str) -> &'n str {
        label(self.language, group, name)
    }
}

/// The units above, from the top of what this person may see; who has several subtrees finds the others at the top of one.
fn crumbs(c: &Connection, who: &SignedIn, asked: &Asked, section: Section) -> Result<Vec<Link>, ReportError> {
    let path = units::path(c, &who.scope, asked.unit)?;
    let link = |unit: &UnitName| Link {
        text: unit.name.clone(),
        href: href(section.path(), unit.id, asked.period),
        current: false,
        count: 0,
    };
    let above = if path.len() == 1 { units::roots(c, &who.scope)? } else { path };
    Ok(above.iter().filter(|unit| unit.id != asked.unit).map(link).collect())
}

/// The address of a page about a unit and a period.
fn href(path: &str, unit: UnitId, period: Period) -> String {
    format!("{path}?unit={unit}&from={}&to={}", period.from, period.to)
}

/// The address that switches to the other language and comes back.
pub(super) fn language_href(now: Language, back: &str) -> String {
    let other = if now == Language::Zh { "en" } else { "zh" };
    let encoded: String = back
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("/language/{other}?back={encoded}")
}

/// A rate as a bar draws it: percent of its width, to a tenth.
pub(super) struct Bar {
    /// What is done, as the reader sees it: `63.2%`, or a dash.
    pub(super) percent: String,
    /// 0 to 100.
    pub(super) width: String,
    pub(super) numerator: u64,
    pub(super) denominator: u64,
}

impl From<Rate> for Bar {
    fn from(rate: Rate) -> Self {
        let permille = rate.permille().unwrap_or_default().min(1000);
        let width = format!("{}.{}", permille / 10, permille % 10);
        Bar { percent: rate.to_string(), width, numerator: rate.numerator, denominator: rate.denominator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_encoded_whole() {
        let href = language_href(Language::Zh, "/visits?unit=1&from=2026-11-01");
        assert_eq!(href, "/language/en?back=/visits%3Funit%3D1%26from%3D2026-11-01");
    }

    #[test]
    fn a_bar_is_full_only_when_all_is_done() {
        let bar = |numerator, denominator| Bar::from(Rate { numerator, denominator });
        assert_eq!((bar(2, 3).width, bar(2, 3).percent), ("66.6".to_owned(), "66.6%".to_owned()));
        assert_eq!(bar(1999, 2000).width, "99.9");
        assert_eq!((bar(0, 0).width, bar(0, 0).percent), ("0.0".to_owned(), "–".to_owned()));
    }
}

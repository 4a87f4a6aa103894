//! `GET /api/v1/reports/{coverage|visits|due|matters|notices|devices}?unit=&from=&to=&format=json|csv` for a signed-in supervisor.
//!
//! 200 with the report; 400 `report.period`; 401 `session.required` or `session.expired`; 404 `not_found` for a unit that is missing or
//! outside the own subtree, for a report that there is not, and for somebody without any subtree.

use super::{Asked, ReportError, coverage, devices, due, matters, notices, text, units, visits};
use crate::problem::Problem;
use crate::store::scope::Scope;
use crate::web::{SignedIn, Web};
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rusqlite::Connection;
use serde::Deserialize;
use std::sync::Arc;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;

/// The route.
pub const ROUTE: &str = "/api/v1/reports/{report}";

/// The routes.
pub fn routes() -> Router<Arc<Web>> {
    Router::new().route(ROUTE, get(report))
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotFound => Problem::not_found(),
            ReportError::Period => Problem::new(400, "report.period"),
            ReportError::Store(store) => store.into(),
        }
    }
}

/// What an address asks for. All of it may be missing: the own unit, this month, JSON.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ReportQuery {
    /// Id of a unit.
    pub unit: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `json` or `csv`.
    pub format: Option<String>,
}

impl ReportQuery {
    /// The unit, period and time that are meant.
    ///
    /// # Errors
    /// [`ReportError::NotFound`], [`ReportError::Period`].
    pub fn resolve(&self, c: &Connection, scope: &Scope, now_ms: i64) -> Result<Asked, ReportError> {
        let now = Moment::from_ms(now_ms);
        let given = self.unit.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let unit = match given {
            Some(text) => text.parse::<UnitId>().map_err(|_| ReportError::NotFound)?,
            None => units::roots(c, scope)?.first().ok_or(ReportError::NotFound)?.id,
        };
        let period = super::period(self.from.as_deref(), self.to.as_deref(), now.day())?;
        Ok(Asked { unit, period, now })
    }
}

/// One report, ready to be sent.
pub enum Made {
    /// As JSON.
    Json(String),
    /// As CSV.
    Csv(String),
}

/// Makes a report by name. `None`: there is no such report.
///
/// # Errors
/// [`ReportError`].
pub fn make(
    c: &Connection,
    scope: &Scope,
    asked: &Asked,
    name: &str,
    csv: bool,
    language: Language,
) -> Result<Option<Made>, ReportError> {
    fn made<R: serde::Serialize>(report: &R, csv: bool, table: impl FnOnce(&R) -> text::Table) -> Made {
        if csv {
            return Made::Csv(table(report).to_csv());
        }
        Made::Json(serde_json::to_string(report).expect("a report serialises: its keys are texts"))
    }
    Ok(Some(match name {
        "coverage" => made(&coverage::coverage(c, scope, asked)?, csv, |it| text::coverage(language, it)),
        "visits" => made(&visits::visits(c, scope, asked)?, csv, |it| text::visits(language, it)),
        "matters" => made(&matters::with_work(c, scope, asked)?, csv, |it| text::matters(language, &it.counts)),
        "due" => made(&due::due(c, scope, asked)?, csv, |it| text::due(language, it)),
        "notices" => made(&notices::notices(c, scope, asked)?, csv, |it| it.to_table(language)),
        "devices" => made(&devices::devices(c, scope, asked)?, csv, |it| text::devices(language, it)),
        _ => return Ok(None),
    }))
}

async fn report(
    State(web): State<Arc<Web>>,
    who: SignedIn,
    Path(name): Path<String>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Ok(Query(query)) = query else { return Err(Problem::malformed()) };
    let now_ms = web.app.now_ms();
    let csv = match query.format.as_deref() {
        None | Some("" | "json") => false,
        Some("csv") => true,
        Some(_) => return Err(Problem::malformed()),
    };
    let work = move |c: &Connection| {
        let asked = query.resolve(c, &who.scope, now_ms)?;
        let made = make(c, &who.scope, &asked, &name, csv, who.language)?.ok_or(ReportError::NotFound)?;
        let file = format!("attachment; filename=\"{name}-{}-{}.csv\"", asked.period.from, asked.period.to);
        Ok::<_, ReportError>((made, file))
    };
    let (made, file) = web.app.store.read_async(work).await?;
    Ok(match made {
        Made::Json(json) => ([(header::CONTENT_TYPE, "application/json".to_owned())], json).into_response(),
        Made::Csv(csv) => {
            let headers =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, file)];
            (headers, csv).into_response()
        }
    })
}

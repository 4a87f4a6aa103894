//! What signed-in people do on a page. Every form goes through [`act`], so none can be sent from elsewhere, and each answers in one way.

use super::door::{SIGN_IN, is_foreign, same};
use super::{failure, is_local};
use crate::ledger::{self, LedgerError};
use crate::problem::Problem;
use crate::reports::ReportError;
use crate::store::StoreError;
use crate::web::{SignedIn, Web, language};
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use zoufang_domain::ids::UnitId;
use zoufang_domain::refusal::Refusal;

/// A form of a page: the session's token, the way back, and what is asked. The fields of `T` are texts, since a form knows nothing else.
#[derive(Deserialize)]
pub(super) struct Sent<T> {
    csrf: String,
    back: String,
    #[serde(flatten)]
    asked: T,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeskError {
    /// The ledger refused, or its store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What it is about is not in the caller's area, or nowhere.
    #[error("not here")]
    NotHere,
    /// A field of the form does not read.
    #[error("field {0} does not read")]
    Field(&'static str),
    /// The record stands against it, for a reason that has a message of its own.
    #[error("{0}")]
    Said(&'static str),
}

impl From<StoreError> for DeskError {
    fn from(e: StoreError) -> Self {
        DeskError::Ledger(e.into())
    }
}

impl From<rusqlite::Error> for DeskError {
    fn from(e: rusqlite::Error) -> Self {
        DeskError::Ledger(e.into())
    }
}

impl From<ReportError> for DeskError {
    fn from(e: ReportError) -> Self {
        match e {
            ReportError::Store(e) => e.into(),
            _ => DeskError::NotHere,
        }
    }
}

impl From<DeskError> for Problem {
    fn from(e: DeskError) -> Self {
        match e {
            DeskError::NotHere => Problem::not_found(),
            DeskError::Field(_) => Problem::new(422, "desk.invalid"),
            DeskError::Said(message) => Problem::new(409, message),
            DeskError::Ledger(LedgerError::Store(e)) => e.into(),
            DeskError::Ledger(LedgerError::Refused(refusal)) => match refusal {
                // Who has no post there is told what anyone is told of a place that does not exist.
                Refusal::NotAssigned => Problem::not_found(),
                Refusal::NotAllowed => Problem::new(403, "desk.not_allowed"),
                Refusal::Invalid { .. } | Refusal::Malformed => Problem::new(422, "desk.invalid"),
                _ => Problem::new(409, "desk.not_now"),
            },
            DeskError::Ledger(_) => Problem::new(409, "desk.not_now"),
        }
    }
}

/// Of some areas, those in which someone may settle what waits.
pub(super) fn settled_by(
    c: &Connection,
    who: &SignedIn,
    now_ms: i64,
    areas: impl IntoIterator<Item = UnitId>,
) -> Result<HashSet<UnitId>, StoreError> {
    let mut all: Vec<UnitId> = areas.into_iter().collect();
    all.sort();
    all.dedup();
    let mut own = HashSet::new();
    for area in all {
        if ledger::settles(c, now_ms, who.session.staff, area)? {
            own.insert(area);
        }
    }
    Ok(own)
}

/// Does what a form asks, in one transaction, and leads back to the page that it came from. 303 back; 303 to the door without a session;
/// 400 for a form that came from elsewhere or is not whole; otherwise the page of the problem, and nothing was written.
pub(super) async fn act<T: Send + 'static>(
    web: Arc<Web>,
    who: Result<SignedIn, Problem>,
    headers: &HeaderMap,
    sent: Result<Form<Sent<T>>, FormRejection>,
    work: impl FnOnce(&Transaction<'_>, i64, &SignedIn, T) -> Result<(), DeskError> + Send + 'static,
) -> Response {
    let Ok(who) = who else { return Redirect::to(SIGN_IN).into_response() };
    let language = language(headers);
    let Ok(Form(sent)) = sent else { return failure::page(language, &Problem::malformed()) };
    if is_foreign(headers) || !same(&who.session.csrf, &sent.csrf) || !is_local(&sent.back) {
        return failure::page(language, &Problem::malformed());
    }
    let (now_ms, back) = (web.app.now_ms(), sent.back);
    let done = web.app.store.write_async(move |tx| work(tx, now_ms, &who, sent.asked)).await;
    match done {
        Ok(()) => Redirect::to(&back).into_response(),
        Err(error) => failure::page(language, &error.into()),
    }
}

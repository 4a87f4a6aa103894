//! The cursor of a pull: text that only the server reads, and that anybody with a session may alter.

use super::desk;
use super::{Seen, roughly, seen};
use serde_json::{Value, json};
use zoufang_domain::ids::derived;
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::limits::{CURSOR_MAX_BYTES, PULL_PAGE_TARGET_BYTES};
use zoufang_domain::wire::pull::PullAnswer;
use zoufang_sync_server::pull::{self, Wanted};
use zoufang_sync_server::{grants, ledger};

pub(super) const WORDS: &[&str] = &["AQ", "AA", "_", "-", "=", "==", "%", "____", "gICA", "_____w"];
/// Pages of the smallest size that the desk's records make, with room.
const PAGES_MAX_COUNT: usize = 200;

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let answered = desk::with(|desk| desk.pulled.clone());
    let whole: Value = serde_json::from_slice(&answered).unwrap_or_default();
    let mut seeds = vec![("empty", Vec::new()), ("after-all", whole["cursor"].as_str().unwrap_or_default().into())];
    // In the middle of an area: what is left when a page holds one record.
    let middle = page(None, 1).map(|answer| answer.cursor.into_bytes()).unwrap_or_default();
    seeds.push(("after-one-record", middle));
    seeds
}

pub(super) fn run(input: &[u8]) -> Seen {
    let Ok(text) = std::str::from_utf8(input) else { return seen("no text") };
    let mut shown = Vec::new();
    for page_bytes in [1, PULL_PAGE_TARGET_BYTES] {
        match followed(text, page_bytes) {
            Ok(rows_count) => shown.push(roughly(rows_count)),
            Err(id) => return seen(("refused", id)),
        }
    }
    seen(("pages", shown, text.len().min(3)))
}

/// Pulls from a cursor until all is there. Gives the rows on the way.
fn followed(text: &str, page_bytes: usize) -> Result<usize, &'static str> {
    let (mut cursor, mut rows_count) = (text.to_owned(), 0);
    for pages_count in 0.. {
        assert!(pages_count < PAGES_MAX_COUNT, "a pull that does not end");
        let answer = match page(Some(&cursor), page_bytes) {
            Ok(answer) => answer,
            Err(id) if pages_count == 0 => return Err(id),
            Err(id) => panic!("the server does not take its own cursor: {id}"),
        };
        assert!(answer.cursor.len() <= CURSOR_MAX_BYTES, "a cursor that the server would refuse");
        rows_count += answer.rows.len();
        if answer.complete {
            let after = page(Some(&answer.cursor), page_bytes).expect("the server takes its own cursor");
            assert!(after.complete && after.rows.is_empty(), "something new where nothing was written");
            assert_eq!(after.cursor, answer.cursor, "a cursor that moves by itself");
            // A cursor that somebody altered may leave rows out; one that began with nothing must not.
            if text.is_empty() {
                hold_to_the_next(&answer.cursor);
            }
            return Ok(rows_count);
        }
        assert_ne!(answer.cursor, cursor, "a page that leads to itself");
        cursor = answer.cursor;
    }
    unreachable!("the loop ends by its bound")
}

/// What is written after a pull is in the next one, in every area.
fn hold_to_the_next(cursor: &str) {
    desk::with(|desk| {
        let (device, now_ms) = (desk.phone(), desk.server.now_ms());
        desk.undone(|tx| {
            let own = grants::of_staff(tx, device.staff, now_ms).expect("the store reads");
            let areas: Vec<_> = own.iter().filter(|grant| grant.role.is_some()).map(|grant| grant.unit).collect();
            for area in &areas {
                let fields = Fields::from([
                    ("use".to_owned(), json!("own")),
                    ("address".to_owned(), json!({ "room": "1", "building": "1" })),
                ]);
                let begun = Action::Create { fields, entries: Vec::new() };
                let id = derived(&["written after a pull", &area.to_string()]);
                ledger::write_own(tx, now_ms, ledger::CONSOLE, *area, Kind::Dwelling, id, begun)
                    .expect("the server writes");
            }
            let page =
                pull::page(tx, now_ms, &device, Wanted::since(Some(cursor))).expect("the server takes its own cursor");
            let answer: PullAnswer = serde_json::from_slice(&page.json).expect("a page is JSON");
            assert_eq!(answer.rows.len(), areas.len(), "something that was written after a pull is in no pull");
        });
    });
}

fn page(cursor: Option<&str>, page_bytes: usize) -> Result<PullAnswer, &'static str> {
    desk::with(|desk| {
        let (device, now_ms) = (desk.phone(), desk.server.now_ms());
        let wanted = Wanted { cursor: cursor.filter(|text| !text.is_empty()), digest: true, page_bytes };
        match desk.server.app.store.read(|c| pull::page(c, now_ms, &device, wanted)) {
            Ok(page) => Ok(serde_json::from_slice(&page.json).expect("a page is JSON")),
            Err(problem) => {
                assert!(problem.status < 500, "{problem}");
                Err(problem.id)
            }
        }
    })
}

//! The demo in small: the same function that `make demo` runs, with one micro-grid a community.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use zoufang_core::sync::http::{ReqwestTransport, Transport};
use zoufang_tests::demo::{COMMUNITIES, Demo, DemoOptions, Progress};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_loses_nothing_doubles_nothing_and_ends_with_equal_digests() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let options = DemoOptions { grids_count: 1, dir: dir.clone(), divisions: None };
    let demo = Demo::run(&options, Progress::silent()).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&demo.figures.to_json()).unwrap();
    let count = |name: &str| json[name].as_u64().unwrap();
    assert_eq!(count("phones"), 11, "five micro-grids with two managers each, and who takes one over");
    assert!(count("visits_saved") >= 10 * 30 / 2, "{json}");
    assert_eq!(count("visits_on_server"), count("visits_saved"), "{json}");
    assert_eq!((count("lost"), count("duplicated"), count("quarantined")), (0, 0, 0), "{json}");
    assert_eq!(json["digests_equal"], true, "{json}");
    assert!(count("conflicts_opened") >= 5, "two managers edited one home in each community: {json}");
    assert!(count("bytes_up") > 0 && count("bytes_down") > 0 && json["seconds"].as_f64().unwrap() > 0.0, "{json}");
    assert_eq!((count("appointments_kept"), count("appointments_missed")), (10, 10), "{json}");
    assert!(count("matters_closed") >= 1 && count("matters_returned") >= 1, "{json}");
    assert_eq!(count("handovers_receipted"), 1, "the phone that was handed over has erased it: {json}");
    what_was_asked(&json, &dir);
    assert!(demo.figures.is_good());
    assert!(demo.breaks_count >= 2, "lines break in mid-sync: {}", demo.breaks_count);
    for community in COMMUNITIES {
        assert!(demo.tables.contains(community), "{}", demo.tables);
    }
    assert!(dir.join("server.db").exists() && dir.join("phones/phone-0001.db").exists());
    supervisor_reads_the_day(&demo).await;
    demo.end().await;

    // A second run starts afresh in the same place.
    let again = Demo::run(&options, Progress::silent()).await.unwrap();
    assert_eq!(again.figures.visits_saved, count("visits_saved"), "the same day, from nothing");
    assert!(again.figures.is_good());
    again.end().await;
}

/// The visit day, the list whose day has passed, the form and the needs.
fn what_was_asked(json: &serde_json::Value, dir: &std::path::Path) {
    let count = |name: &str| json[name].as_u64().unwrap();
    assert_eq!(count("overdue_in_the_morning"), 10 * 3, "three homes a phone are on the list: {json}");
    let (morning, evening) = (count("due_in_the_morning"), count("due_in_the_evening"));
    assert!(morning >= 10 * 30 && evening > 0 && evening < morning / 2, "most were found at home: {json}");
    let (homes, visited) = (count("visit_day_homes"), count("visit_day_visited"));
    assert!(homes * 2 == morning && visited > homes / 2 && visited < homes, "each home once: {json}");
    assert_eq!((count("forms_filled"), count("answers_reported")), (20, 20), "{json}");
    assert_eq!((count("care_needs_held"), count("care_needs_held_next_day")), (10, 1), "one was renewed: {json}");
    let answers = std::fs::read_to_string(dir.join("safety.csv")).unwrap();
    let (head, rows): (&str, Vec<&str>) = (answers.lines().next().unwrap(), answers.lines().skip(1).collect());
    assert!(head.trim_end().ends_with("gas,which,people"), "{head}");
    assert_eq!(rows.iter().filter(|row| row.trim_end().ends_with(",yes,bottle,2")).count(), 10, "{answers}");
    assert_eq!(rows.iter().filter(|row| row.trim_end().ends_with(",no,,3")).count(), 10, "{answers}");
}

/// Signs in on the page with what the demo prints, and finds the city's coverage there.
async fn supervisor_reads_the_day(demo: &Demo) {
    let web = ReqwestTransport::new(demo.url().trim_end_matches('/'), None).unwrap();
    let door = send(&web, Method::GET, "/sign-in", &[], String::new()).await;
    let page = String::from_utf8(door.body().to_vec()).unwrap();
    let hidden = page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let sent = |password: &str| format!("form={hidden}&login={}&password={password}", demo.login);
    let wrong = send(&web, Method::POST, "/sign-in", &cookies(&door), sent("wrong-password")).await;
    assert!(wrong.status() != StatusCode::SEE_OTHER, "{}", wrong.status());
    let signed_in = send(&web, Method::POST, "/sign-in", &cookies(&door), sent(&demo.password)).await;
    assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
    let overview = send(&web, Method::GET, "/overview", &cookies(&signed_in), String::new()).await;
    assert_eq!(overview.status(), StatusCode::OK);
    let page = String::from_utf8(overview.body().to_vec()).unwrap();
    assert!(page.contains("阳泉市") && page.contains("矿区") && page.contains("城区"), "{page}");
    let stranger = send(&web, Method::GET, "/overview", &[], String::new()).await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER, "nobody reads without signing in");
}

async fn send(web: &ReqwestTransport, method: Method, path: &str, cookies: &[String], form: String) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    if !cookies.is_empty() {
        request = request.header(header::COOKIE, cookies.join("; "));
    }
    if !form.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    web.send(request.body(Bytes::from(form)).unwrap()).await.unwrap()
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Response<Bytes>) -> Vec<String> {
    let set = answer.headers().get_all(header::SET_COOKIE).iter();
    set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

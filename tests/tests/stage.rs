//! The stage as a process, as tests in other languages use it, with a real phone before it.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use zoufang_core::Error;
use zoufang_core::enrolment::{EnrolInput, Enrolled};
use zoufang_core::ports::{Clock, SystemClock, SystemIds};
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport, Timeouts};
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::due::TaskState;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::ExchangeError;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::SetClock;

/// A silent server is given up soon.
const TIMEOUTS: Timeouts = Timeouts { connect_ms: 2_000, read_ms: 300, exchange_ms: 10_000 };

struct Stage {
    child: Child,
    told: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    ready: Value,
    folder: TempDir,
}

impl Stage {
    /// The process makes its folder inside one of ours, so that we see whether it removes it.
    fn open(arguments: &[&str]) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_stage"));
        command.args(arguments).env("TMPDIR", folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (told, says) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut stage = Stage { child, told, says, ready: Value::Null, folder };
        stage.ready = stage.read();
        stage
    }
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
    fn tell(&mut self, command: &str) -> Value {
        writeln!(self.told.as_mut().unwrap(), "{command}").unwrap();
        self.read()
    }
    fn blank_phone(&self, name: &str) -> Phone {
        let path = self.folder.path().join(name);
        Phone::new(&path, SetClock::at(SystemClock.now_ms()), Arc::new(SystemIds::new())).unwrap()
    }
    async fn enrol(&mut self, phone: &Phone, code: &str) -> Enrolled {
        let answer = self.tell(code);
        let input = EnrolInput::from_qr(answer["qr"].as_str().unwrap()).unwrap();
        assert_eq!(input.code, answer["code"]);
        phone.enrol(&input.protocol().unwrap(), input).await.unwrap()
    }
    fn protocol(&self) -> HttpProtocol<ReqwestTransport> {
        let (url, ca_pem) = (self.ready["server_url"].as_str().unwrap(), self.ready["ca_pem"].as_str());
        HttpProtocol::new(ReqwestTransport::with_timeouts(url, ca_pem, TIMEOUTS).unwrap())
    }
    /// It has ended well and left nothing behind.
    fn ended(&mut self) {
        assert!(self.child.wait().unwrap().success());
        let left: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.iter().all(|path| !path.is_dir()), "{left:?}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn save_visit(phone: &Phone) {
    let home = phone.core().homes(Page::FIRST).unwrap().remove(0);
    phone.core().save_visit(VisitDraft::new(home.household, Mode::Door, Outcome::Done)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_enrol_by_its_code_work_and_are_counted() {
    let mut stage = Stage::open(&["--tls", "--homes", "3"]);
    assert!(stage.ready["server_url"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    assert!(stage.ready["ca_pem"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let (first, second) = (stage.blank_phone("first.db"), stage.blank_phone("second.db"));
    let role_of = |enrolled: &Enrolled| enrolled.areas.iter().find_map(|area| area.role);
    let manager = stage.enrol(&first, "code").await;
    assert_eq!((manager.staff_name.as_str(), role_of(&manager)), ("测试管理员甲", Some(Role::MicroGridManager)));
    let auxiliary = stage.enrol(&second, "code 测试协管员乙").await;
    assert_eq!((auxiliary.staff_name.as_str(), role_of(&auxiliary)), ("测试协管员乙", Some(Role::Auxiliary)));
    let line = stage.protocol();
    for phone in [&first, &second] {
        phone.sync_over(&line).await.unwrap();
        assert_eq!(phone.core().homes(Page::FIRST).unwrap().len(), 3);
        save_visit(phone);
    }
    assert_eq!(stage.tell("visits"), json!({ "count": 0 }));
    first.sync_over(&line).await.unwrap();
    assert_eq!((stage.tell("visits"), stage.tell("matters")), (json!({ "count": 1 }), json!({ "count": 0 })));

    assert_eq!(stage.tell("visit_day 3 测试必访")["set"], "测试必访");
    assert_eq!(stage.tell("visit_day 0 测试走访日")["set"], "测试走访日");
    assert!(stage.tell("notice 测试通知")["notice"].is_string());
    assert_eq!(stage.tell("receipts"), json!({ "count": 0 }));
    first.sync_over(&line).await.unwrap();
    let due = first.core().due_list(None).unwrap();
    let states: Vec<_> = due.homes.iter().map(|home| home.tasks[0].state).collect();
    assert_eq!(states, [TaskState::Overdue; 2], "one home was visited today, which counts for both days");
    let notice = first.core().notices(Page::FIRST).unwrap().remove(0);
    assert_eq!((notice.title.as_str(), notice.body.as_str()), ("测试通知", "测试通知：测试正文"));
    first.core().read_notice(notice.id).unwrap();
    first.sync_over(&line).await.unwrap();
    assert_eq!(stage.tell("receipts"), json!({ "count": 1 }));

    let devices = stage.tell("devices")["devices"].as_array().unwrap().clone();
    let of = |name: &str| devices.iter().find(|device| device["staff_name"] == name).unwrap().clone();
    assert_eq!((devices.len(), of("测试管理员甲")["unsent_count"].clone()), (2, json!(0)));
    assert_eq!(of("测试协管员乙")["status"], "active");
    let revoke = format!("revoke {}", of("测试协管员乙")["id"].as_str().unwrap());
    assert_eq!(stage.tell(&revoke), json!({ "revoked": true }));
    assert!(second.sync_over(&line).await.is_ok_and(|report| report.wiped.is_some()));
    let nobody = stage.tell("revoke 00000000-0000-4000-8000-000000000000");
    assert!(nobody["error"].as_str().unwrap().starts_with("no device 00000000"), "{nobody}");

    drop(stage.told.take()); // the end of its standard input
    stage.ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_falls_silent_breaks_heals_and_stops() {
    let mut stage = Stage::open(&["--homes", "2"]);
    assert_eq!(stage.ready["ca_pem"], Value::Null);
    let phone = stage.blank_phone("first.db");
    stage.enrol(&phone, "code").await;
    let line = stage.protocol();
    phone.sync_over(&line).await.unwrap();
    save_visit(&phone);

    assert_eq!(stage.tell("silence"), json!({ "silent": true }));
    let unheard = phone.sync_over(&line).await;
    assert!(matches!(unheard, Err(Error::Exchange(ExchangeError::Unreachable(_)))), "{unheard:?}");
    assert_eq!(stage.tell("heal"), json!({ "silent": false }));
    assert_eq!(stage.tell("break_after 10"), json!({ "break_after": 10 }));
    assert!(phone.sync_over(&line).await.is_err());
    assert_eq!(stage.tell("visits"), json!({ "count": 0 }));
    stage.tell("heal");
    phone.sync_over(&line).await.unwrap();
    assert_eq!(stage.tell("visits"), json!({ "count": 1 }));

    let unknown = stage.tell("visit");
    assert!(unknown["error"].as_str().unwrap().starts_with("unknown command \"visit\""), "{unknown}");
    writeln!(stage.told.as_mut().unwrap(), "stop").unwrap();
    stage.ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_from_what_was_kept_and_knows_no_phone_of_after() {
    let mut stage = Stage::open(&["--homes", "2"]);
    assert!(stage.tell("restore")["error"].as_str().unwrap().starts_with("there is no backup"));
    let _ = stage.tell("code");
    assert_eq!(stage.tell("back_up"), json!({ "backed_up": true }));
    let phone = stage.blank_phone("phone");
    stage.enrol(&phone, "code").await;
    let line = stage.protocol();
    phone.sync_over(&line).await.unwrap();
    save_visit(&phone);
    phone.sync_over(&line).await.unwrap();
    assert_eq!(stage.tell("restore"), json!({ "restored": true }));
    assert_eq!(stage.tell("visits"), json!({ "count": 0 }));
    match phone.sync_over(&line).await {
        Err(Error::Exchange(ExchangeError::Problem(problem))) => assert_eq!(problem.id, "device.unknown"),
        other => panic!("{other:?}"),
    }
    assert!(stage.tell("code")["qr"].is_string(), "the person is known");
    drop(stage.told.take());
    stage.ended();
}

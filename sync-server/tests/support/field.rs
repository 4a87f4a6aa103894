//! What happens in the field, written by the server's own hand: homes, visits, matters, supervisors.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use crate::support::{Answer, World};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::{AssignmentId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::{self, CONSOLE, LedgerError};
use zoufang_sync_server::reports::Asked;
use zoufang_sync_server::staff::{self, Post, StaffDraft, StaffError, login};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::store::scope::{Console, Scope};

/// The password of every supervisor in tests.
pub const PASSWORD: &str = "correct-horse-7";

pub fn fields(value: Value) -> Fields {
    value.as_object().unwrap().clone().into_iter().collect()
}

pub fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

pub fn november() -> Period {
    Period { from: "2026-11-01".parse().unwrap(), to: "2026-11-30".parse().unwrap() }
}

pub fn entry(world: &World, what: &str, when: &str, data: Value) -> Entry {
    Entry {
        id: world.random.id(),
        list: List::Events,
        what: what.into(),
        when: moment(when),
        who: CONSOLE,
        data: fields(data),
    }
}

impl World {
    pub fn write(&self, area: UnitId, kind: Kind, id: Uuid, action: Action) {
        let now_ms = self.now_ms();
        self.app
            .store
            .write::<_, LedgerError>(|tx| ledger::write_own(tx, now_ms, CONSOLE, area, kind, id, action))
            .unwrap();
    }
    pub fn create(&self, area: UnitId, kind: Kind, whole: Value) -> Uuid {
        self.create_with(area, kind, whole, Vec::new())
    }
    pub fn create_with(&self, area: UnitId, kind: Kind, whole: Value, entries: Vec<Entry>) -> Uuid {
        let id = self.random.id();
        self.write(area, kind, id, Action::Create { fields: fields(whole), entries });
        id
    }
    /// A household, current from one day until before another.
    pub fn home(&self, area: UnitId, room: &str, from: &str, to: Option<&str>) -> Uuid {
        let address = json!({"building": "1", "unit": "2", "room": room});
        let dwelling = self.create(area, Kind::Dwelling, json!({"address": address, "use": "own"}));
        let mut whole = json!({"dwelling": dwelling, "contact": "测试甲", "phone": "13800000000", "from": from});
        if let Some(to) = to {
            whole["to"] = json!(to);
        }
        self.create(area, Kind::Household, whole)
    }
    pub fn visit(&self, area: UnitId, home: Uuid, at: &str, mode: &str, outcome: &str) -> Uuid {
        let whole = json!({"household": home, "staff": [CONSOLE], "started_at": at, "mode": mode, "outcome": outcome});
        self.create(area, Kind::Visit, whole)
    }
    pub fn matter(&self, area: UnitId, due: &str, entries: Vec<Entry>) -> Uuid {
        let whole = json!({"source": "visit", "kind": "help", "track": "simple", "summary": "路灯不亮", "due": due});
        self.create_with(area, Kind::Matter, whole, entries)
    }
    pub fn record(&self, area: UnitId, kind: Kind, id: Uuid) -> zoufang_domain::record::Record {
        self.app.store.read(|c| ledger::record(c, area, kind, id)).unwrap().unwrap()
    }
    pub fn console(&self) -> Scope {
        let console = Console::at_the_command_line();
        self.app.store.read::<_, StoreError>(|c| Scope::of_console(c, console)).unwrap()
    }
    pub fn city(&self) -> UnitId {
        self.console().roots()[0]
    }
    pub fn asked(&self, unit: UnitId) -> Asked {
        Asked { unit, period: november(), now: Moment::from_ms(self.now_ms()) }
    }
    /// Somebody who signs in with [`PASSWORD`].
    pub fn supervisor(&self, login: &str, unit: UnitId, role: Role) -> StaffId {
        let (id, now_ms) = (StaffId(self.random.id()), self.now_ms());
        let draft = StaffDraft {
            name: "张三样例".into(),
            phone: None,
            login: Some(login.into()),
            password_hash: Some(login::hash(&self.random, PASSWORD)),
        };
        let post = Post::new(AssignmentId(self.random.id()), id, unit, role, Moment::from_ms(now_ms - 1000));
        self.app
            .store
            .write::<_, StaffError>(|tx| {
                staff::create(tx, now_ms, id, &draft)?;
                staff::assign(tx, now_ms, CONSOLE, post)
            })
            .unwrap();
        id
    }
    pub async fn get(&self, path: &str, cookies: &str) -> Answer {
        self.call(Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap()).await
    }
    pub async fn post_form(&self, path: &str, cookies: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.call(request.unwrap()).await
    }
    /// Fills in the sign-in form.
    pub async fn try_sign_in(&self, login: &str, password: &str) -> Answer {
        let form = self.get("/sign-in", "").await;
        let cookie = form.cookie("zoufang-form").unwrap();
        let token = form.hidden("form");
        let sent = format!("login={login}&password={password}&form={token}");
        self.post_form("/sign-in", &format!("zoufang-form={cookie}"), &sent).await
    }
    /// The cookies of somebody signed in.
    pub async fn sign_in(&self, login: &str) -> String {
        let answer = self.try_sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        format!("zoufang={}", answer.cookie("zoufang").unwrap())
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
    /// The value of a cookie that the answer sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = set.filter_map(|text| text.split(';').next()?.split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    }
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = text.split_once(&mark).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

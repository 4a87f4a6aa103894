//! Desks above micro-grids, and what they do with a matter: one move after the other, as the pages make them.

use crate::world::beside;
use serde_json::{Value, json};
use zoufang_core::ports::{Ids, SystemIds};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, MatterId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Entry, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::Level;
use zoufang_sync_server::ledger::{self, CONSOLE, LedgerError};
use zoufang_sync_server::staff::{self, Post, StaffDraft, StaffError};
use zoufang_sync_server::store::Transaction;
use zoufang_sync_server::{App, units};

/// Who sits at the desks above a community's micro-grids.
#[derive(Clone, Copy, Debug)]
pub struct Desks {
    /// Accepts, sends back, asks residents.
    pub community: StaffId,
    /// Dispatches and closes.
    pub street: StaffId,
    /// Handles.
    pub department: StaffId,
    /// Where the department belongs: the district.
    pub department_unit: UnitId,
}

/// A desk did not make a move.
#[derive(Debug, thiserror::Error)]
#[error("at a desk, {what}: {why}")]
pub struct MoveRefused {
    what: String,
    why: LedgerError,
}

impl Desks {
    /// Posts them. `None` for a community without a street and a district.
    ///
    /// # Errors
    /// What the server says.
    pub fn post(app: &App, community: UnitId) -> Result<Option<Desks>, StaffError> {
        let now_ms = app.now_ms();
        let above = app.store.read(|c| units::ancestors(c, community))?;
        let at = |level| above.iter().find(|unit| unit.level == level).map(|unit| unit.id);
        let (Some(street), Some(district)) = (at(Level::Street), at(Level::District)) else { return Ok(None) };
        app.store.write(|tx| {
            let ids = SystemIds::new();
            let add = |name, unit, role| hire(tx, now_ms, &ids, name, (unit, role), None);
            Ok(Some(Desks {
                community: add("测试社区工作台", community, Role::CommunityDesk)?,
                street: add("测试街道调度", street, Role::StreetDispatcher)?,
                department: add("测试职能部门", district, Role::Department)?,
                department_unit: district,
            }))
        })
    }
}

/// Adds someone with a post since yesterday, and with a login and the hash of its password.
///
/// # Errors
/// What the server says.
pub fn hire(
    tx: &Transaction<'_>,
    now_ms: i64,
    ids: &SystemIds,
    name: &str,
    (unit, role): (UnitId, Role),
    sign_in: Option<(&str, String)>,
) -> Result<StaffId, StaffError> {
    let id = StaffId(ids.uuid_v7());
    let (login, password_hash) = sign_in.map(|(login, hash)| (login.to_owned(), hash)).unzip();
    staff::create(tx, now_ms, id, &StaffDraft { name: name.to_owned(), phone: None, login, password_hash })?;
    let post = AssignmentId(ids.uuid_v7());
    let from = Moment::from_ms(now_ms - crate::ports::DAY_MS);
    staff::assign(tx, now_ms, CONSOLE, beside(tx, Post::new(post, id, unit, role, from))?)?;
    Ok(id)
}

/// One matter on its way through the desks.
pub struct Course<'a> {
    /// The server.
    pub app: &'a App,
    /// The matter's area.
    pub area: UnitId,
    /// The matter.
    pub matter: MatterId,
}

impl Course<'_> {
    /// One move of somebody at a desk.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn moves(&self, who: StaffId, what: &str, data: Value) -> Result<(), MoveRefused> {
        let now_ms = self.app.now_ms();
        let data = data.as_object().cloned().unwrap_or_default().into_iter().collect();
        let id = SystemIds::new().uuid_v7();
        let when = Moment::from_ms(now_ms);
        let entry = Entry { id, list: List::Events, what: what.to_owned(), when, who, data };
        let action = Action::Append { entry };
        let write = self
            .app
            .store
            .write(|tx| ledger::write_at_desk(tx, now_ms, who, self.area, Kind::Matter, self.matter.0, action));
        write.map(|_| ()).map_err(|why| MoveRefused { what: what.to_owned(), why })
    }
    /// Accepted and dispatched.
    ///
    /// # Errors
    /// As [`Course::moves`].
    pub fn given_to_the_department(&self, desks: &Desks) -> Result<(), MoveRefused> {
        self.moves(desks.community, "accept", json!({}))?;
        self.moves(desks.street, "dispatch", json!({ "unit": desks.department_unit }))
    }
    /// Given to the department, which begins with it.
    ///
    /// # Errors
    /// As [`Course::moves`].
    pub fn begun(&self, desks: &Desks) -> Result<(), MoveRefused> {
        self.given_to_the_department(desks)?;
        self.moves(desks.department, "sign", json!({}))?;
        self.moves(desks.department, "start", json!({}))
    }
    /// Begun, and something was done.
    ///
    /// # Errors
    /// As [`Course::moves`].
    pub fn handled(&self, desks: &Desks) -> Result<(), MoveRefused> {
        self.begun(desks)?;
        self.moves(desks.department, "handle", json!({ "done": "已派人上门修好" }))
    }
    /// After the answer: somebody else asks the resident, and it is closed.
    ///
    /// # Errors
    /// As [`Course::moves`].
    pub fn closed(&self, desks: &Desks) -> Result<(), MoveRefused> {
        self.moves(desks.community, "verify_ok", json!({}))?;
        self.moves(desks.street, "close", json!({ "ending": "resolved" }))
    }
    /// Sent back by the department once, and dispatched again.
    ///
    /// # Errors
    /// As [`Course::moves`].
    pub fn bounced(&self, desks: &Desks) -> Result<(), MoveRefused> {
        self.given_to_the_department(desks)?;
        self.moves(desks.department, "reject_back", json!({ "reason": "不属本部门职责" }))?;
        self.moves(desks.street, "dispatch", json!({ "unit": desks.department_unit }))
    }
}

//! Staff 工作人员, their roles and assignments 任职. Access comes only through an assignment.

use crate::calendar::Moment;
use crate::ids::{StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staff {
    /// Name.
    pub name: String,
    /// Work phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Roles. Team templates ("4+1", "1+1+3") are data over these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 微网格管理员.
    MicroGridManager,
    /// 专职网格员.
    GridWorker,
    /// 辅助网格员.
    Auxiliary,
    /// 网格长.
    GridLeader,
    /// 指导员.
    Instructor,
    /// 社区工作台.
    CommunityDesk,
    /// 街道调度.
    StreetDispatcher,
    /// 职能部门.
    Department,
    /// Sees a subtree, changes nothing 督导.
    Supervisor,
    /// 系统管理员.
    SystemAdministrator,
    /// 安全管理员.
    SecurityAdministrator,
    /// 审计管理员.
    AuditAdministrator,
    /// 个人信息保护负责人.
    PrivacyOfficer,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 13] = [
        Role::MicroGridManager,
        Role::GridWorker,
        Role::Auxiliary,
        Role::GridLeader,
        Role::Instructor,
        Role::CommunityDesk,
        Role::StreetDispatcher,
        Role::Department,
        Role::Supervisor,
        Role::SystemAdministrator,
        Role::SecurityAdministrator,
        Role::AuditAdministrator,
        Role::PrivacyOfficer,
    ];
    /// The name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::MicroGridManager => "micro_grid_manager",
            Role::GridWorker => "grid_worker",
            Role::Auxiliary => "auxiliary",
            Role::GridLeader => "grid_leader",
            Role::Instructor => "instructor",
            Role::CommunityDesk => "community_desk",
            Role::StreetDispatcher => "street_dispatcher",
            Role::Department => "department",
            Role::Supervisor => "supervisor",
            Role::SystemAdministrator => "system_administrator",
            Role::SecurityAdministrator => "security_administrator",
            Role::AuditAdministrator => "audit_administrator",
            Role::PrivacyOfficer => "privacy_officer",
        }
    }
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
    /// Whether people in this role carry a phone that syncs.
    pub fn carries_phone(self) -> bool {
        matches!(
            self,
            Role::MicroGridManager | Role::GridWorker | Role::Auxiliary | Role::GridLeader | Role::Instructor
        )
    }
    /// Whether people in this role sign in on the web and see the reports of their subtree.
    pub fn reads_reports(self) -> bool {
        matches!(
            self,
            Role::CommunityDesk
                | Role::StreetDispatcher
                | Role::Supervisor
                | Role::GridLeader
                | Role::Instructor
                | Role::PrivacyOfficer
        )
    }
}

/// How a manager stands beside the others of a micro-grid: at most one is responsible at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The responsible one 责任人. Posts of every other role are responsible, too; only managers are counted.
    #[default]
    Responsible,
    /// Beside the responsible one 协管.
    Co,
    /// In place of the responsible one, who is away 代管.
    Acting,
}

impl Standing {
    /// All standings.
    pub const ALL: [Standing; 3] = [Standing::Responsible, Standing::Co, Standing::Acting];
    /// The name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Responsible => "responsible",
            Standing::Co => "co",
            Standing::Acting => "acting",
        }
    }
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Standing::ALL.into_iter().find(|standing| standing.name() == name)
    }
    fn is_responsible(&self) -> bool {
        *self == Standing::Responsible
    }
}

/// An assignment: who holds which role where, from when to when. A handover closes one and opens the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub role: Role,
    /// From.
    pub from: Moment,
    /// Until, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    /// Beside or in place of whom; without a word, responsible.
    #[serde(default, skip_serializing_if = "Standing::is_responsible")]
    pub standing: Standing,
    /// Whom they stand in for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
}

impl Assignment {
    /// Whether it covers that moment. The end is not part of it.
    pub fn covers(&self, at: Moment) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

//! The words of the field: enums of the domain and the core, under names that say whose words they are.

mod matter;

pub use matter::*;
pub use zoufang_core::sync::Phase as SyncPhase;
pub use zoufang_core::views::{Likeness, SyncState};
pub use zoufang_domain::appointment::{AppointmentState, Party as AppointmentParty, Purpose as AppointmentPurpose};
pub use zoufang_domain::due::TaskState;
pub use zoufang_domain::form::FieldType as FormFieldType;
pub use zoufang_domain::home::Use as DwellingUse;
pub use zoufang_domain::notice::{NoticeKind, NoticeState};
pub use zoufang_domain::resident::{ResidencyKind, Sex as ResidentSex};
pub use zoufang_domain::rights::{RequestState as RightsRequestState, Right};
pub use zoufang_domain::schema::Kind as RecordKind;
pub use zoufang_domain::staff::Role;
pub use zoufang_domain::unit::Level as UnitLevel;
pub use zoufang_domain::visit::{Duty, Mode as VisitMode, Outcome as VisitOutcome, VisitState};

/// What a record is.
#[uniffi::remote(Enum)]
pub enum RecordKind {
    /// Organisational unit 组织单元.
    OrgUnit,
    /// Member of staff 工作人员.
    Staff,
    /// Assignment 任职.
    Assignment,
    /// Dwelling 房屋.
    Dwelling,
    /// Household 户.
    Household,
    /// Resident 居民.
    Resident,
    /// Period of residence 居住关系.
    Residency,
    /// Visit 走访记录.
    Visit,
    /// Matter 诉求.
    Matter,
    /// Working-day calendar 工作日历 of one year.
    Calendar,
    /// Visit rule 走访规则.
    CadenceRule,
    /// Must-visit list 必访清单.
    MustVisitList,
    /// What somebody planned of a visit task 走访任务.
    VisitTask,
    /// Appointment 预约.
    Appointment,
    /// Terms of matters 办理时限.
    MatterRule,
    /// One version of a form 表单.
    FormDefinition,
    /// Type of care need 关爱需求类型.
    CareNeedType,
    /// Care need 关爱需求.
    CareNeed,
    /// Notice 通知.
    Notice,
    /// Receipt of a notice 通知回执.
    NoticeReceipt,
    /// Request about what is kept of a person 个人信息权利申请.
    RightsRequest,
    /// A resident's data that is kept and not used 限制处理.
    Restriction,
}

/// What residents may ask of their own data.
#[uniffi::remote(Enum)]
pub enum Right {
    /// A copy of all that is kept about the person 查阅复制.
    Copy,
    /// Something is put right 更正补充.
    Correct,
    /// What is kept about the person is erased 删除.
    Delete,
    /// It is kept, and not used any further 限制处理.
    Restrict,
    /// How it is used is explained 解释说明.
    Explain,
}

/// Where such a request stands.
#[uniffi::remote(Enum)]
pub enum RightsRequestState {
    /// It waits for a desk.
    Open,
    /// It was carried out.
    Done,
    /// It was not, with an answer that says why.
    Refused,
}

/// What a notice is for.
#[uniffi::remote(Enum)]
pub enum NoticeKind {
    /// To be passed on to residents 宣传.
    Publicity,
    /// About the work itself 工作.
    Task,
    /// A warning 安全提醒.
    Safety,
}

/// How a notice stands on a day.
#[uniffi::remote(Enum)]
pub enum NoticeState {
    /// Its first day is still to come 未生效.
    Ahead,
    /// It holds 有效.
    InForce,
    /// Its last day is past 已过期.
    Expired,
    /// Taken back 已撤回.
    Withdrawn,
}

/// What an appointment is for.
#[uniffi::remote(Enum)]
pub enum AppointmentPurpose {
    /// Someone comes 走访.
    Visit,
    /// Something is done on the residents' behalf 办事.
    Errand,
}

/// The two sides of an appointment.
#[uniffi::remote(Enum)]
pub enum AppointmentParty {
    /// The home.
    Resident,
    /// Whoever works for it.
    Manager,
}

/// The states of an appointment.
#[uniffi::remote(Enum)]
pub enum AppointmentState {
    /// Asked for, no time agreed yet 待约定.
    Proposed,
    /// A time is agreed 已约定.
    Agreed,
    /// Another time is agreed 已改约.
    Changed,
    /// It took place 已履约.
    Kept,
    /// One side was not there 未赴约.
    Missed,
    /// Called off 已取消.
    Cancelled,
}

/// The kinds of answers that a form asks for.
#[uniffi::remote(Enum)]
pub enum FormFieldType {
    /// 文字: words.
    Text,
    /// 数字: a number.
    Number,
    /// 是否: yes or no.
    YesNo,
    /// 单选: one of the choices.
    OneOf,
    /// 多选: any of the choices.
    ManyOf,
    /// 日期: a day.
    Date,
    /// 照片: ids of pictures taken with the visit.
    Photo,
    /// 说明: a text that is shown and asks nothing.
    Note,
}

/// How a task stands on a day.
#[uniffi::remote(Enum)]
pub enum TaskState {
    /// Its last day is past.
    Overdue,
    /// To be done now.
    Due,
    /// Moved to a later day 改期.
    Moved,
    /// Visited in this turn.
    Done,
    /// Called off for this turn 取消.
    Cancelled,
}

/// The levels of units, top first.
#[uniffi::remote(Enum)]
pub enum UnitLevel {
    /// 市.
    City,
    /// 区县.
    District,
    /// 街道、乡镇.
    Street,
    /// 社区、村.
    Community,
    /// 网格.
    Grid,
    /// 微网格.
    MicroGrid,
}

/// Roles.
#[uniffi::remote(Enum)]
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
    /// 督导: sees a subtree, changes nothing.
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

/// How far what is shown has come on its way to the server. Apart from the state of the visit or matter itself.
#[uniffi::remote(Enum)]
pub enum SyncState {
    /// Saved on the phone, not yet known to be on the server.
    Queued,
    /// On the server.
    Acknowledged,
    /// The server keeps it apart until a person decides; it is shown on this phone only.
    Quarantined,
}

/// What a sync does.
#[uniffi::remote(Enum)]
pub enum SyncPhase {
    /// Signing in.
    SigningIn,
    /// Sending.
    Pushing,
    /// Receiving.
    Pulling,
    /// Erasing what is no longer this phone's.
    Erasing,
}

/// What a dwelling is used for.
#[uniffi::remote(Enum)]
pub enum DwellingUse {
    /// 自住.
    Own,
    /// 出租.
    Rented,
    /// 空置.
    Vacant,
    /// 商铺.
    Shop,
    /// 其他.
    Other,
}

/// Sex as residents state it.
#[uniffi::remote(Enum)]
pub enum ResidentSex {
    /// 女.
    Female,
    /// 男.
    Male,
}

/// What kind of residence.
#[uniffi::remote(Enum)]
pub enum ResidencyKind {
    /// 户籍.
    Registered,
    /// 流动.
    Floating,
    /// 留守.
    LeftBehind,
    /// 境外.
    FromAbroad,
}

/// Why two residents may be one.
#[uniffi::remote(Enum)]
pub enum Likeness {
    /// The same phone number, however it is written.
    Phone,
    /// The same name.
    Name,
    /// A name that may sound the same.
    Pinyin,
    /// The same year of birth, beside another reason.
    BirthYear,
}

/// How a visit was made.
#[uniffi::remote(Enum)]
pub enum VisitMode {
    /// At the door 上门.
    Door,
    /// By phone 电话.
    Phone,
    /// Met by chance 偶遇.
    Met,
}

/// What came of a visit.
#[uniffi::remote(Enum)]
pub enum VisitOutcome {
    /// The visit took place.
    Done,
    /// Nobody answered.
    NoAnswer,
    /// The home did not wish to be visited.
    Refused,
}

/// The states of a visit.
#[uniffi::remote(Enum)]
pub enum VisitState {
    /// Planned 计划.
    Planned,
    /// Moved to another time 改期.
    Rescheduled,
    /// Cancelled before it was made 取消.
    Cancelled,
    /// Being written 草稿.
    Draft,
    /// Made 已走访.
    Done,
    /// Nobody answered 无人应答.
    NoAnswer,
    /// Declined by the home 拒访.
    Refused,
    /// Made, and corrected since 已更正.
    Corrected,
    /// Void 作废.
    Voided,
}

/// The five duties 五大员: tags, never permissions.
#[uniffi::remote(Enum)]
pub enum Duty {
    /// 信息员.
    Information,
    /// 代办员.
    Errands,
    /// 调解员.
    Mediation,
    /// 协管员.
    CoManagement,
    /// 宣传员.
    Publicity,
}

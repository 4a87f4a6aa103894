//! The kinds of records and how each of their fields merges. `docs/data-dictionary.md` lists the same fields with their purpose;
//! a test holds the two together.

use serde::{Deserialize, Serialize};

/// Declares the kinds once: name on the wire, number in both databases.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// What a record is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $name)] $variant = $number,)*
        }
        impl Kind {
            /// Every kind, in the order in which a first sync reads best: places, people, then what happened.
            pub const ALL: &[Kind] = &[$(Kind::$variant),*];
            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name),* }
            }
            /// From the number in a database column.
            pub fn from_number(number: i64) -> Option<Self> {
                match number { $($number => Some(Kind::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Organisational unit 组织单元.
    OrgUnit = 1, "org_unit";
    /// Member of staff 工作人员.
    Staff = 2, "staff";
    /// Assignment 任职.
    Assignment = 3, "assignment";
    /// Dwelling 房屋.
    Dwelling = 4, "dwelling";
    /// Household 户.
    Household = 5, "household";
    /// Resident 居民.
    Resident = 6, "resident";
    /// Period of residence 居住关系.
    Residency = 7, "residency";
    /// Visit 走访记录.
    Visit = 8, "visit";
    /// Matter 诉求.
    Matter = 9, "matter";
    /// Working-day calendar 工作日历 of one year.
    Calendar = 10, "calendar";
    /// Visit rule 走访规则.
    CadenceRule = 11, "cadence_rule";
    /// Must-visit list 必访清单.
    MustVisitList = 12, "must_visit_list";
    /// What somebody planned of a visit task 走访任务.
    VisitTask = 13, "visit_task";
    /// Appointment 预约.
    Appointment = 14, "appointment";
    /// Terms of matters 办理时限.
    MatterRule = 15, "matter_rule";
    /// One version of a form 表单.
    FormDefinition = 16, "form_definition";
    /// Type of care need 关爱需求类型.
    CareNeedType = 17, "care_need_type";
    /// Care need 关爱需求.
    CareNeed = 18, "care_need";
    /// Notice 通知.
    Notice = 19, "notice";
    /// Receipt of a notice 通知回执.
    NoticeReceipt = 20, "notice_receipt";
    /// Request about what is kept of a person 个人信息权利申请.
    RightsRequest = 22, "rights_request";
    /// A resident's data that is kept and not used 限制处理.
    Restriction = 23, "restriction";
}

impl Kind {
    /// The number in a database column.
    pub fn number(self) -> i64 {
        self as i64
    }
    /// Whether records of this kind are set for everyone below: they hold nothing about residents and go to every phone under their unit.
    pub fn goes_down(self) -> bool {
        matches!(
            self,
            Kind::Calendar
                | Kind::CadenceRule
                | Kind::MustVisitList
                | Kind::MatterRule
                | Kind::FormDefinition
                | Kind::CareNeedType
                | Kind::Notice
        )
    }
}

/// How a field merges when two people wrote it without seeing each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Written once at creation; a correction is a new version in the list of amendments.
    Fact,
    /// The later value is shown, and both are kept as a conflict until a person settles it. A composite value moves whole.
    Field,
}

impl Kind {
    /// The class of one of this kind's fields. A field that is not known here merges like any other field, so that what a newer
    /// version wrote is kept.
    pub fn class(self, field: &str) -> Class {
        let fact = match self {
            Kind::Visit => true,
            Kind::Matter => !matches!(field, "urgency" | "line"),
            Kind::Residency => matches!(field, "resident" | "household"),
            Kind::Household => matches!(field, "dwelling" | "split_from"),
            Kind::Assignment => true,
            Kind::Appointment => field != crate::appointment::STANDING,
            Kind::VisitTask => field != crate::visit_task::STANDING,
            Kind::CadenceRule | Kind::MatterRule | Kind::FormDefinition => field != "to",
            Kind::CareNeedType => true,
            Kind::Notice | Kind::NoticeReceipt => true,
            Kind::CareNeed => !matches!(field, "valid_until" | "to"),
            Kind::RightsRequest => field != crate::rights::STANDING,
            Kind::Restriction => field != "to",
            Kind::OrgUnit | Kind::Staff | Kind::Dwelling | Kind::Resident | Kind::Calendar | Kind::MustVisitList => {
                false
            }
        };
        if fact { Class::Fact } else { Class::Field }
    }
    /// The fields that a record of this kind cannot begin without.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Kind::OrgUnit => &["level", "name"],
            Kind::Staff => &["name"],
            Kind::Assignment => &["staff", "unit", "role", "from"],
            Kind::Dwelling => &["address", "use"],
            Kind::Household => &["dwelling", "from"],
            Kind::Resident => &["name"],
            Kind::Residency => &["resident", "household", "kind", "from"],
            Kind::Visit => &["household", "staff", "started_at", "mode", "outcome"],
            Kind::Matter => &["source", "kind", "track", "summary"],
            Kind::Calendar => &["year", "days_off", "make_up_days"],
            Kind::CadenceRule => &["name", "rhythm", "from"],
            Kind::MustVisitList => &["name", "reason"],
            Kind::Appointment => &["household", "purpose", "proposed_by", "slots", "standing"],
            Kind::VisitTask => &["household", "cause", "turn", "standing"],
            Kind::MatterRule => &["name", "accept_days", "handle_days", "answer_days", "from"],
            Kind::FormDefinition => &["form", "version", "name", "fields"],
            Kind::CareNeedType => &["name", "purpose", "seen_by", "valid_max_days"],
            Kind::CareNeed => &["type", "seen_by", "basis", "valid_from", "valid_until"],
            Kind::RightsRequest => &["right", "asked_on", "standing"],
            Kind::Restriction => &["resident", "from"],
            Kind::Notice => &["title", "body", "kind", "valid_from", "valid_to"],
            Kind::NoticeReceipt => &["notice", "staff", "read_at"],
        }
    }
}

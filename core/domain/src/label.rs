//! What the names inside records are called in front of people: modes, outcomes, states, levels, kinds, fields. One table for the apps, the
//! pages and the terminal.

use crate::message::Language;
use serde::Serialize;

/// The label of a name within a group, such as `("mode", "door")`. A name without a row (a newer version wrote it) is shown as it is.
pub fn label<'n>(language: Language, group: &str, name: &'n str) -> &'n str {
    match (find(group, name), language) {
        (Some((.., zh, _)), Language::Zh) => zh,
        (Some((.., en)), Language::En) => en,
        (None, _) => name,
    }
}

/// The labels of a word of the domain, Chinese and English, by the name under which it is stored.
pub fn both(group: &str, word: &impl Serialize) -> (String, String) {
    let name = match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    };
    match find(group, &name) {
        Some((.., zh, en)) => ((*zh).to_owned(), (*en).to_owned()),
        None => (name.clone(), name),
    }
}

type Label = (&'static str, &'static str, &'static str, &'static str);

fn find(group: &str, name: &str) -> Option<&'static Label> {
    LABELS.iter().find(|(in_group, of, ..)| *in_group == group && *of == name)
}

/// Group, name, Chinese, English.
#[rustfmt::skip]
static LABELS: &[Label] = &[
    ("level", "city", "市", "city"), ("level", "district", "区县", "district"), ("level", "street", "街道/乡镇", "street"),
    ("level", "community", "社区/村", "community"), ("level", "grid", "网格", "grid"), ("level", "micro_grid", "微网格", "micro-grid"),
    ("mode", "door", "上门", "At the door"), ("mode", "phone", "电话", "By phone"), ("mode", "met", "偶遇", "Met by chance"),
    ("outcome", "done", "已走访", "Visited"), ("outcome", "no_answer", "无人应答", "No answer"), ("outcome", "refused", "婉拒", "Declined"),
    ("outcome", "voided", "作废", "Void"),
    ("state", "draft", "草稿", "Draft"), ("state", "reported", "已上报", "Reported"), ("state", "self_handled", "当场办结", "Handled on the spot"),
    ("state", "returned", "退回补充", "Returned for more"), ("state", "declined", "不予受理", "Not accepted"), ("state", "accepted", "已受理", "Accepted"),
    ("state", "dispatched", "已派单", "Dispatched"), ("state", "rejected_back", "退单", "Sent back by unit"), ("state", "signed", "已签收", "Signed for"),
    ("state", "in_progress", "处置中", "In progress"), ("state", "extension_asked", "申请延期", "Extension asked"), ("state", "suspended", "挂起", "Suspended"),
    ("state", "handled", "已处置", "Handled"), ("state", "answered", "已答复", "Answered"), ("state", "verified_ok", "回访满意", "Confirmed by resident"),
    ("state", "verified_not", "回访不满意", "Not settled, says resident"), ("state", "closed_unreachable", "无法联系", "Could not be reached"),
    ("state", "closed", "结案", "Closed"), ("state", "withdrawn", "撤回", "Withdrawn"), ("state", "merged", "并案", "Merged"),
    ("device", "active", "正常", "Active"), ("device", "suspended", "暂停", "Suspended"), ("device", "forked", "存在副本", "Two copies"),
    ("device", "revoked", "已停用", "Revoked"), ("device", "erased", "已清除", "Erased"),
    ("kind", "org_unit", "组织单元", "Unit"), ("kind", "staff", "工作人员", "Staff"), ("kind", "assignment", "任职", "Assignment"),
    ("kind", "dwelling", "房屋", "Dwelling"), ("kind", "household", "户", "Household"), ("kind", "resident", "居民", "Resident"),
    ("kind", "residency", "居住关系", "Residence"), ("kind", "visit", "走访记录", "Visit"), ("kind", "matter", "诉求", "Matter"),
    ("kind", "calendar", "工作日历", "Working-day calendar"), ("kind", "cadence_rule", "走访规则", "Visit rule"),
    ("kind", "must_visit_list", "必访清单", "Must-visit list"),
    ("kind", "appointment", "预约", "Appointment"), ("field", "standing", "情况", "How it stands"),
    ("appointment", "proposed", "待约定", "Proposed"), ("appointment", "agreed", "已约定", "Agreed"), ("appointment", "changed", "已改约", "Moved"),
    ("appointment", "kept", "已履约", "Kept"), ("appointment", "missed", "未赴约", "Missed"), ("appointment", "cancelled", "已取消", "Cancelled"),
    ("purpose", "visit", "预约走访", "Visit"), ("purpose", "errand", "预约办事", "Errand"),
    ("party", "resident", "居民", "Resident"), ("party", "manager", "管理员", "Manager"),
    ("kind", "matter_rule", "办理时限", "Terms of matters"),
    ("turn", "field", "网格人员", "Field staff"), ("turn", "desk", "受理工作台", "Desk"), ("turn", "dispatcher", "调度", "Dispatcher"),
    ("turn", "unit", "承办单位", "Unit in charge"), ("turn", "nobody", "已办结", "Nobody: closed"),
    ("ending", "resolved", "已解决", "Resolved"), ("ending", "explained", "已解释", "Explained"), ("ending", "partly", "部分解决", "Partly"),
    ("ending", "not_possible", "无法解决", "Not possible"),
    ("step", "accept", "受理", "Acceptance"), ("step", "handle", "处置", "Handling"),
    ("told", "done", "怎么办的", "What was done"), ("told", "reason", "原因", "Reason"), ("told", "told", "告诉了谁", "Who was told"), ("told", "how", "怎么告诉的", "How"),
    ("told", "words", "居民的话", "The resident's words"), ("told", "attempts", "联系经过", "Attempts"), ("told", "unit", "承办单位", "Unit in charge"),
    ("told", "until", "延期到", "Until"), ("told", "review", "复查日期", "Looked at again on"), ("told", "ending", "结果", "Ending"),
    ("told", "into", "并入", "Joined to"), ("told", "level", "督办级别", "Level of supervision"), ("told", "text", "内容", "Text"),
    ("told", "facts", "事实", "Facts"), ("told", "since", "起始时间", "Since when"), ("told", "parties", "涉及各方", "Who is concerned"),
    ("told", "tried", "以往处理情况", "What was tried before"), ("told", "desk", "办理单位", "Desk"),
    ("kind", "form_definition", "表单", "Form"),
    ("answer", "text", "文字", "Text"), ("answer", "number", "数字", "Number"), ("answer", "yes_no", "是否", "Yes or no"),
    ("answer", "one_of", "单选", "One of several"), ("answer", "many_of", "多选", "Any of several"), ("answer", "date", "日期", "Date"),
    ("answer", "photo", "照片", "Photo"), ("answer", "note", "说明", "Note"),
    ("kind", "care_need_type", "关爱需求类型", "Type of care need"), ("kind", "care_need", "关爱需求", "Care need"),
    ("kind", "visit_task", "走访任务", "Visit task"), ("task", "moved", "已改期", "Moved"), ("task", "cancelled", "已取消", "Called off"),
    ("kind", "rights_request", "个人信息权利申请", "Request about personal data"), ("kind", "restriction", "限制处理", "Restriction"),
    ("right", "copy", "查阅复制", "Copy"), ("right", "correct", "更正", "Correct"), ("right", "delete", "删除", "Delete"),
    ("right", "restrict", "限制处理", "Restrict"), ("right", "explain", "解释说明", "Explain"),
    ("request", "open", "待办理", "Waiting"), ("request", "done", "已办理", "Carried out"), ("request", "refused", "未予办理", "Not carried out"),
    ("kind", "notice", "通知", "Notice"), ("kind", "notice_receipt", "通知回执", "Receipt of a notice"),
    ("notice_kind", "publicity", "宣传", "Publicity"), ("notice_kind", "task", "工作", "Work"), ("notice_kind", "safety", "安全提醒", "Safety warning"),
    ("notice", "ahead", "未生效", "Not yet in force"), ("notice", "in_force", "有效", "In force"), ("notice", "expired", "已过期", "Expired"),
    ("notice", "withdrawn", "已撤回", "Withdrawn"),
    ("likeness", "phone", "电话相同", "Same phone"), ("likeness", "name", "姓名相同", "Same name"),
    ("likeness", "pinyin", "姓名读音可能相同", "May sound the same"), ("likeness", "birth_year", "出生年份相同", "Same year of birth"),
    ("task", "overdue", "已超期", "Overdue"), ("task", "due", "待走访", "Due"), ("task", "done", "已走访", "Visited"),
    ("field", "address", "地址", "Address"), ("field", "use", "用途", "Use"), ("field", "contact", "联系人", "Contact"),
    ("field", "phone", "电话", "Phone"), ("field", "people_count", "人数", "People"), ("field", "from", "起", "From"), ("field", "to", "止", "Until"),
    ("field", "name", "姓名", "Name"), ("field", "sex", "性别", "Sex"), ("field", "birth_year", "出生年", "Year of birth"),
    ("field", "merged_into", "并入的户", "Became part of"), ("field", "split_from", "分自", "Split from"),
    ("field", "kind", "类型", "Kind"), ("field", "lives_where_registered", "人户一致", "Lives where registered"),
    ("field", "valid_until", "有效期至", "Valid until"),
    ("field", "started_at", "开始时间", "Began"), ("field", "ended_at", "结束时间", "Ended"), ("field", "mode", "方式", "How"),
    ("field", "outcome", "结果", "Outcome"), ("field", "note", "记录", "Note"), ("field", "needs_follow_up", "需再次走访", "Someone comes again"),
    ("field", "duties", "职责", "Duties"), ("field", "source", "来源", "Source"), ("field", "track", "办理方式", "Track"),
    ("field", "summary", "内容", "What it is"), ("field", "due", "期限", "Due"), ("field", "purpose", "用途", "Purpose"),
    ("field", "proposed_by", "提出方", "Who asked"), ("field", "slots", "时间", "Times"), ("field", "right", "申请", "Asks for"),
    ("field", "asked_on", "申请日", "Asked on"), ("field", "basis", "依据", "Basis"), ("field", "valid_from", "有效期起", "Valid from"),
    ("field", "seen_by", "可见的岗位", "Seen by"), ("field", "form", "表单", "Form"), ("field", "answers", "回答", "Answers"),
    ("field", "state", "情况", "State"), ("field", "at", "时间", "When"), ("field", "answer", "答复", "Answer"), ("field", "slot", "约定时间", "Agreed time"),
    ("field", "version", "版本", "Version"), ("yes_no", "yes", "是", "Yes"), ("yes_no", "no", "否", "No"),
    ("field", "building", "楼栋", "Building"), ("field", "unit", "单元", "Unit"), ("field", "room", "室", "Room"),
    ("field", "urgency", "紧急程度", "Urgency"), ("field", "line", "条线", "Line"),
    ("reason", "quarantine.malformed", "内容无法识别", "Not readable"), ("reason", "quarantine.unknown", "服务器不认识的操作", "Not known to this server"),
    ("reason", "quarantine.record_missing", "对应的记录不存在", "The record is not there"), ("reason", "quarantine.record_moved", "记录已转到其他辖区", "The record moved to another area"),
    ("reason", "quarantine.record_erased", "记录已依申请删除", "The record was erased on request"), ("reason", "quarantine.fact_is_fixed", "试图覆盖已成事实的内容", "Would overwrite a fact"),
    ("reason", "quarantine.invalid", "有一项内容不符合要求", "One field is not valid"), ("reason", "quarantine.not_allowed", "岗位无此权限", "The role does not allow it"),
    ("standing", "responsible", "责任人", "responsible"), ("standing", "co", "协管", "co-manager"), ("standing", "acting", "代管", "acting"),
    ("reason", "quarantine.witnessed", "同事手机上的副本", "A copy on a colleague's phone"),
    ("reason", "quarantine.not_now", "记录当前状态不允许", "Not possible as the record stands"),
    ("reason", "quarantine.not_assigned", "当时不负责该辖区", "Not posted there at that time"), ("reason", "quarantine.not_the_author", "作者与手机登记人不符", "The author is not the holder of the phone"),
    ("reason", "quarantine.device_revoked", "手机已停用", "The phone was revoked"), ("reason", "quarantine.device_forked", "手机存在副本", "Two copies of the phone exist"),
    ("role", "micro_grid_manager", "微网格管理员", "micro-grid manager"), ("role", "grid_worker", "专职网格员", "grid worker"),
    ("role", "auxiliary", "辅助网格员", "auxiliary"), ("role", "grid_leader", "网格长", "grid leader"), ("role", "instructor", "指导员", "instructor"),
    ("role", "community_desk", "社区工作台", "community desk"), ("role", "street_dispatcher", "街道调度", "street dispatcher"),
    ("role", "department", "职能部门", "department"), ("role", "supervisor", "督导", "supervisor"),
    ("role", "system_administrator", "系统管理员", "system administrator"), ("role", "security_administrator", "安全管理员", "security administrator"),
    ("role", "audit_administrator", "审计管理员", "audit administrator"), ("role", "privacy_officer", "个人信息保护负责人", "privacy officer"),
    ("visit_state", "planned", "已计划", "Planned"), ("visit_state", "rescheduled", "改期", "Moved"), ("visit_state", "cancelled", "取消", "Cancelled"),
    ("visit_state", "draft", "草稿", "Draft"), ("visit_state", "done", "已走访", "Visited"), ("visit_state", "no_answer", "无人应答", "No answer"),
    ("visit_state", "refused", "婉拒", "Declined"), ("visit_state", "corrected", "已更正", "Corrected"), ("visit_state", "voided", "作废", "Void"),
    ("duty", "information", "信息员", "Information"), ("duty", "errands", "代办员", "Errands"), ("duty", "mediation", "调解员", "Mediation"),
    ("duty", "co_management", "协管员", "Co-management"), ("duty", "publicity", "宣传员", "Publicity"),
    ("use", "own", "自住", "Own home"), ("use", "rented", "出租", "Rented"), ("use", "vacant", "空置", "Vacant"), ("use", "shop", "商铺", "Shop"), ("use", "other", "其他", "Other"),
    ("sex", "female", "女", "Female"), ("sex", "male", "男", "Male"),
    ("residency", "registered", "户籍", "Registered"), ("residency", "floating", "流动", "Floating"),
    ("residency", "left_behind", "留守", "Left behind"), ("residency", "from_abroad", "境外", "From abroad"),
    ("source", "visit", "走访", "Visit"), ("source", "appointment", "预约", "Appointment"), ("source", "direct_line", "问题直通车", "Direct line"),
    ("source", "hotline", "热线", "Hotline"), ("source", "patrol", "巡查", "Patrol"), ("source", "department", "部门", "Department"),
    ("matter_kind", "enquiry", "咨询", "Enquiry"), ("matter_kind", "help", "求助", "Help"), ("matter_kind", "complaint", "投诉", "Complaint"),
    ("matter_kind", "suggestion", "建议", "Suggestion"), ("matter_kind", "report", "举报", "Report"), ("matter_kind", "hazard", "隐患", "Hazard"),
    ("matter_kind", "dispute", "纠纷", "Dispute"),
    ("track", "simple", "即办", "Simple"), ("track", "professional", "转办", "Professional"), ("track", "hard", "督办", "Hard"), ("track", "old", "历史遗留", "Old"),
    ("urgency", "normal", "一般", "Normal"), ("urgency", "urgent", "紧急", "Urgent"),
    ("event", "report", "上报", "Reported"), ("event", "self_handle", "当场办结", "Handled on the spot"), ("event", "return", "退回补充", "Returned for more"),
    ("event", "decline", "不予受理", "Not accepted"), ("event", "accept", "受理", "Accepted"), ("event", "dispatch", "派单", "Dispatched"),
    ("event", "reject_back", "退单", "Sent back by unit"), ("event", "sign", "签收", "Signed for"), ("event", "start", "开始处置", "Work begun"),
    ("event", "ask_extension", "申请延期", "Extension asked"), ("event", "suspend", "挂起", "Suspended"), ("event", "handle", "处置", "Handled"),
    ("event", "answer", "答复", "Answered"), ("event", "verify_ok", "回访满意", "Confirmed by resident"),
    ("event", "verify_not", "回访不满意", "Not settled, says resident"), ("event", "unreachable", "无法联系", "Could not be reached"),
    ("event", "close", "结案", "Closed"), ("event", "reopen", "重新办理", "Opened again"), ("event", "withdraw", "撤回", "Withdrawn"),
    ("event", "grant_extension", "同意延期", "Extension granted"), ("event", "refuse_extension", "不同意延期", "Extension refused"),
    ("event", "escalate", "升级", "Escalated"), ("event", "fact_file", "事实还原", "Facts restored"),
    ("event", "merge", "并案", "Merged"), ("event", "supervise", "督办", "Under supervision"), ("event", "note", "备注", "Note"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appointment::{AppointmentState, Party, Purpose};
    use crate::matter::MatterState;
    use crate::notice::{NoticeKind, NoticeState};
    use crate::refusal::Refusal as R;
    use crate::rights::{RequestState, Right};
    use crate::schema::Kind;
    use crate::staff::Role;
    use crate::unit::Level;
    use crate::visit::{Mode, Outcome};

    #[test]
    fn every_name_that_a_report_can_show_has_both_labels() {
        let names = (Level::ALL.map(|it| ("level", it.name())).into_iter())
            .chain(Mode::ALL.map(|it| ("mode", it.name())))
            .chain(Outcome::ALL.map(|it| ("outcome", it.name())))
            .chain(MatterState::ALL.iter().map(|it| ("state", it.name())))
            .chain(Kind::ALL.iter().map(|it| ("kind", it.name())))
            .chain(AppointmentState::ALL.iter().map(|it| ("appointment", it.name())))
            .chain(Purpose::ALL.iter().map(|it| ("purpose", it.name())))
            .chain(Party::ALL.iter().map(|it| ("party", it.name())))
            .chain(Right::ALL.iter().map(|it| ("right", it.name())))
            .chain(RequestState::ALL.iter().map(|it| ("request", it.name())))
            .chain(NoticeKind::ALL.map(|it| ("notice_kind", it.name())))
            .chain(NoticeState::ALL.map(|it| ("notice", it.name())))
            .chain(Role::ALL.map(|it| ("role", it.name())))
            .chain(refusals().map(|it| ("reason", it)));
        for (group, name) in names {
            let [zh, en] = [Language::Zh, Language::En].map(|language| label(language, group, name));
            assert!(zh != name && !zh.is_ascii() && en.is_ascii(), "{group}.{name}");
        }
        assert_eq!(label(Language::Zh, "mode", "drone"), "drone");
    }

    #[test]
    fn a_word_is_labelled_by_the_name_that_it_is_stored_under() {
        assert_eq!(both("duty", &crate::visit::Duty::CoManagement), ("协管员".into(), "Co-management".into()));
        assert_eq!(both("mode", &"drone"), ("drone".into(), "drone".into()));
    }

    #[test]
    fn no_label_stands_twice() {
        for (at, (group, name, ..)) in LABELS.iter().enumerate() {
            assert!(!LABELS[..at].iter().any(|one| (one.0, one.1) == (*group, *name)), "{group}.{name}");
        }
    }

    fn refusals() -> [&'static str; 14] {
        let field = String::new;
        let all = [
            R::Malformed,
            R::Unknown,
            R::RecordMissing,
            R::RecordMoved,
            R::RecordErased,
            R::FactIsFixed { field: field() },
            R::Invalid { field: field() },
            R::NotAllowed,
            R::NotAssigned,
            R::NotTheAuthor,
            R::DeviceRevoked,
            R::DeviceForked,
            R::NotNow,
            R::Witnessed,
        ];
        all.map(|refusal| match refusal {
            // Without a rest: a new refusal does not compile until it stands here and above, and then has no label.
            R::Malformed
            | R::Unknown
            | R::RecordMissing
            | R::RecordMoved
            | R::RecordErased
            | R::FactIsFixed { .. }
            | R::Invalid { .. }
            | R::NotAllowed
            | R::NotAssigned
            | R::NotTheAuthor
            | R::DeviceRevoked
            | R::DeviceForked
            | R::NotNow
            | R::Witnessed => refusal.message_id(),
        })
    }
}

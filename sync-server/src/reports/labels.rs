//! What the names inside records are called in front of people: modes, outcomes, states, levels, kinds, fields.

use chrono::Datelike;
use zoufang_domain::calendar::Moment;
use zoufang_domain::message::Language;

/// The label of a name within a group, such as `("mode", "door")`. A name without a row (a newer version wrote it) is shown as it is.
pub fn label<'n>(language: Language, group: &str, name: &'n str) -> &'n str {
    let found = LABELS.iter().find(|(in_group, of, ..)| *in_group == group && *of == name);
    match (found, language) {
        (Some((.., zh, _)), Language::Zh) => zh,
        (Some((.., en)), Language::En) => en,
        (None, _) => name,
    }
}

/// A moment on a clock in China, to the minute.
pub fn time(moment: Moment) -> String {
    moment.in_china().format("%Y-%m-%d %H:%M").to_string()
}

/// A day as a heading writes it: `2026年11月5日`, `5 Nov 2026`.
pub fn day(language: Language, day: chrono::NaiveDate) -> String {
    match language {
        Language::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => day.format("%-d %b %Y").to_string(),
    }
}

/// Group, name, Chinese, English.
#[rustfmt::skip]
static LABELS: &[(&str, &str, &str, &str)] = &[
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
    ("field", "address", "地址", "Address"), ("field", "use", "用途", "Use"), ("field", "contact", "联系人", "Contact"),
    ("field", "phone", "电话", "Phone"), ("field", "people_count", "人数", "People"), ("field", "from", "起", "From"), ("field", "to", "止", "Until"),
    ("field", "name", "姓名", "Name"), ("field", "sex", "性别", "Sex"), ("field", "birth_year", "出生年", "Year of birth"),
    ("field", "kind", "类型", "Kind"), ("field", "lives_where_registered", "人户一致", "Lives where registered"),
    ("field", "urgency", "紧急程度", "Urgency"), ("field", "line", "条线", "Line"),
    ("reason", "quarantine.malformed", "内容无法识别", "Not readable"), ("reason", "quarantine.unknown", "服务器不认识的操作", "Not known to this server"),
    ("reason", "quarantine.record_missing", "对应的记录不存在", "The record is not there"), ("reason", "quarantine.record_moved", "记录已转到其他辖区", "The record moved to another area"),
    ("reason", "quarantine.record_erased", "记录已依申请删除", "The record was erased on request"), ("reason", "quarantine.fact_is_fixed", "试图覆盖已成事实的内容", "Would overwrite a fact"),
    ("reason", "quarantine.invalid", "有一项内容不符合要求", "One field is not valid"), ("reason", "quarantine.not_allowed", "岗位无此权限", "The role does not allow it"),
    ("reason", "quarantine.not_assigned", "当时不负责该辖区", "Not posted there at that time"), ("reason", "quarantine.not_the_author", "作者与手机登记人不符", "The author is not the holder of the phone"),
    ("reason", "quarantine.device_revoked", "手机已停用", "The phone was revoked"), ("reason", "quarantine.device_forked", "手机存在副本", "Two copies of the phone exist"),
    ("role", "micro_grid_manager", "微网格管理员", "micro-grid manager"), ("role", "grid_worker", "专职网格员", "grid worker"),
    ("role", "auxiliary", "辅助网格员", "auxiliary"), ("role", "grid_leader", "网格长", "grid leader"), ("role", "instructor", "指导员", "instructor"),
    ("role", "community_desk", "社区工作台", "community desk"), ("role", "street_dispatcher", "街道调度", "street dispatcher"),
    ("role", "department", "职能部门", "department"), ("role", "supervisor", "督导", "supervisor"),
    ("role", "system_administrator", "系统管理员", "system administrator"), ("role", "security_administrator", "安全管理员", "security administrator"),
    ("role", "audit_administrator", "审计管理员", "audit administrator"), ("role", "privacy_officer", "个人信息保护负责人", "privacy officer"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use zoufang_domain::matter::MatterState;
    use zoufang_domain::schema::Kind;
    use zoufang_domain::staff::Role;
    use zoufang_domain::unit::Level;
    use zoufang_domain::visit::{Mode, Outcome};

    #[test]
    fn every_name_that_a_report_can_show_has_both_labels() {
        let names = (Level::ALL.map(|it| ("level", it.name())).into_iter())
            .chain(Mode::ALL.map(|it| ("mode", it.name())))
            .chain(Outcome::ALL.map(|it| ("outcome", it.name())))
            .chain(MatterState::ALL.iter().map(|it| ("state", it.name())))
            .chain(Kind::ALL.iter().map(|it| ("kind", it.name())))
            .chain(Role::ALL.map(|it| ("role", it.name())))
            .chain(refusals().map(|it| ("reason", it)));
        for (group, name) in names {
            let [zh, en] = [Language::Zh, Language::En].map(|language| label(language, group, name));
            assert!(zh != name && !zh.is_ascii() && en.is_ascii(), "{group}.{name}");
        }
        assert_eq!(label(Language::Zh, "mode", "drone"), "drone");
    }

    fn refusals() -> [&'static str; 12] {
        use zoufang_domain::refusal::Refusal as R;
        let field = String::new;
        [
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
        ]
        .map(|refusal| refusal.message_id())
    }

    #[test]
    fn times_are_shown_as_in_china() {
        let moment = Moment::parse("2026-11-04T16:30:00Z").unwrap();
        assert_eq!(time(moment), "2026-11-05 00:30");
        assert_eq!(day(Language::Zh, moment.day()), "2026年11月5日");
        assert_eq!(day(Language::En, moment.day()), "5 Nov 2026");
    }
}

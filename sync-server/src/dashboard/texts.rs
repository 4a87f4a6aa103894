//! What the pages say, in Chinese and English: one row a text. A page asks for a text by its name, so a missing one does not compile.

use zoufang_domain::message::Language;

macro_rules! texts {
    ($($id:ident $zh:literal $en:literal)*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub struct Texts {
            $(#[doc = $en] pub $id: &'static str,)*
        }
        static ZH: Texts = Texts { $($id: $zh,)* };
        static EN: Texts = Texts { $($id: $en,)* };
        /// Name, Chinese, English of every text.
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($id), $zh, $en)),*];
    };
}

/// The texts of a language.
pub fn of(language: Language) -> &'static Texts {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

#[rustfmt::skip]
texts! {
    // every page
    lang "zh-CN" "en"
    brand "走访" "Zoufang"
    brand_line "网格走访与诉求" "Visits and matters of the grid"
    skip "跳到正文" "Skip to content"
    other_language "English" "中文"
    sign_out "退出" "Sign out"
    sections "栏目" "Sections"
    breadcrumb "所在单位" "Unit"
    footer "数字只按单位汇总，不为任何工作人员或居民打分、排名。" "Numbers are sums by unit. Nobody is scored or ranked, neither workers nor residents."
    made_at "统计时间" "As of"
    // period
    period "统计期间" "Period"
    from "起" "From"
    to "止" "To"
    show "查看" "Show"
    this_month "本月" "This month"
    last_month "上月" "Last month"
    csv "下载 CSV" "Download CSV"
    // sections
    overview "总览" "Overview"
    visits "走访" "Visits"
    matters "诉求" "Matters"
    appointments "预约" "Appointments"
    notices "通知" "Notices"
    devices "手机" "Phones"
    conflicts "冲突" "Conflicts"
    quarantine "待处理" "Waiting"
    rights "个人信息" "Personal data"
    // sign-in
    sign_in "登录" "Sign in"
    sign_in_line "督导与各级工作台" "For supervisors and desks"
    login "用户名" "User name"
    password "密码" "Password"
    sign_in_help "忘记密码请联系系统管理员重设。" "Forgotten? Ask your system administrator to set a new password."
    form_expired "页面已过期，请再登录一次。" "The page was too old. Please sign in again."
    signed_out "您已退出。" "You have signed out."
    no_unit "此账号目前没有可查看的单位，请联系系统管理员。" "This account has no unit to report on at the moment. Ask your system administrator."
    busy "登录的人较多，请稍候再试。" "Many people are signing in. Please try again in a moment."
    // overview
    coverage "走访覆盖率" "Coverage"
    coverage_is "期间内至少有一次“已走访”的住户，占期末在册住户的比例。" "Homes with at least one completed visit in the period, of all homes on its last day."
    homes_visited "已走访户" "Homes visited"
    homes "总户数" "Homes"
    homes_unit "户" "homes"
    of_homes "共" "of"
    rate "覆盖率" "Coverage"
    unit "单位" "Unit"
    by_unit "各下级单位" "By unit below"
    own_row "本级直属" "Directly here"
    total "合计" "Total"
    visits_made "走访次数" "Visits"
    visits_done "其中已走访" "of these visited"
    matters_reported "上报诉求" "Matters reported"
    matters_overdue "超期未答复" "Overdue"
    overdue_all "超期未答复（含往期）" "Overdue, earlier ones included"
    phones_silent "超过 7 天未同步" "Silent for 7 days"
    phones_unsent "未上传记录" "Unsent on phones"
    no_homes "期末还没有在册住户。请先导入花名册。" "There were no homes on the last day of the period. Import a roster first."
    no_children "没有下级单位。" "There are no units below."
    last_here "这是最末一级，数字如上。" "This is the last level; its numbers are above."
    // visits
    visits_by "按方式和结果" "By how they were made and what came of them"
    mode "方式" "How"
    visits_note "婉拒和无人应答都是已尽的努力，不是住户的污点；作废的走访单列，不计入合计。" "Declined and unanswered visits are attempts, never a mark against a home. Void visits stand apart and are not in the sum."
    no_visits "期间内还没有走访记录。" "No visits were recorded in this period."
    // matters
    matters_by "期间内上报的诉求，按现在的状态" "Matters reported in the period, by where they stand now"
    state "状态" "State"
    count "件数" "Matters"
    overdue "超期" "Overdue"
    of_these_overdue "其中超期" "of these overdue"
    open_before "往期上报、尚未办结" "Reported earlier and still open"
    matters_note "超期：答复期限已过而尚未答复。" "Overdue: an answer was due and has not been given."
    no_matters "期间内没有上报的诉求。" "No matters were reported in this period."
    // one matter
    matter "诉求" "Matter"
    open_matters "未办结的诉求" "Matters that are open"
    open_matters_note "等待答复的在前，期限近的在先；点开可以看经过、办理。" "Those that wait for an answer come first, the one due first at the top. Open one to see its course and to act."
    given_to_us "本单位承办的诉求" "Matters given to us"
    nothing_given "现在没有本单位承办的诉求。" "No matter is with us at the moment."
    whose_turn "轮到谁" "Whose turn"
    answer_due "答复期限" "Answer due"
    work_due "办理期限" "Work due"
    clock_stopped "（暂停计时）" "(clock stopped)"
    in_charge "承办单位" "Unit in charge"
    matter_kind "类型" "Kind"
    track "办理方式" "Track"
    source "来源" "Source"
    line "条线" "Line"
    ending "结果" "Ending"
    home "住址" "Home"
    contact "联系人" "Contact"
    supervised "督办" "Supervised"
    escalated "已升级" "Escalated"
    lacks_facts "缺事实还原" "Facts missing"
    what_you_may_do "您现在可以" "What you may do now"
    nothing_to_do "现在没有轮到您做的。" "Nothing is for you to do at the moment."
    what_happened "经过" "What happened"
    late_note "迟到，仅作备注" "Came late: a note only"
    optional "（可不填）" "(optional)"
    work_overdue "办理超期" "Work overdue"
    work_overdue_note "办理超期：受理或处置的工作日已用完；挂起和退回补充期间不计。" "Work overdue: the working days to accept or to handle have run out. Days in which a matter was suspended or sent back for more do not count."
    // a matter taken down at a desk
    open_matter "登记诉求" "Take a matter down"
    open_matter_help "热线、部门转办、直通车等来的诉求在这里登记；走访中收到的由手机上报。" "For what comes by the hotline, from a department or by a call. What comes up on a visit is reported by the phone."
    choose_micro_grid_for_matter "要登记诉求，请先选微网格。" "To take a matter down choose a micro-grid first."
    no_home "不属于某一户" "Of no home in particular"
    kind_of_matter "类型" "Kind"
    what_it_is "内容" "What it is"
    // what is due
    due_by_rule "各走访规则今天的进度" "How far each visit rule is today"
    due_too_wide "按规则的进度请选街道或社区查看。" "For the progress of rules choose a street or a community."
    rule "规则" "Rule"
    in_time_until "按时截至" "In time until"
    homes_asked_for "应走访户" "Homes asked for"
    homes_overdue "超期" "Overdue"
    called_off "取消" "Called off"
    homes_due "待走访的住户" "Homes to be visited"
    // residents' rights
    rights_note "居民可以查阅、更正、删除自己的信息，或要求限制处理、说明用途；应在 30 天内办理并答复。" "Residents may see, correct or erase what is kept about them, restrict its use, or have it explained; within 30 days."
    rights_open "待办理的申请" "Requests that wait"
    rights_overdue "其中超期" "of these overdue"
    rights_by "待办理的申请，和期间内的申请" "Requests that wait, and those of the period"
    no_rights "没有待办理的申请。" "No request waits."
    asked_on "申请日" "asked on"
    answer_by "期限" "due"
    decided_at "办理于" "decided"
    what_was_told "答复本人" "What the person was told"
    make_copy "生成可打印的副本" "Make a copy to print"
    make_copy_help "内容会记入导出清单。交付前请核对其中是否涉及他人。" "It is noted in the list of exports. Read it first: others of the home may be named in it."
    mark_done "办结" "Done"
    which_field "更正哪一项" "Which field"
    right_value "正确的内容（留空为清除）" "What is right (nothing clears it)"
    put_right "更正" "Put right"
    erase_it "删除此人的全部信息" "Erase all of this person"
    erase_help "将从记录、台账、待处理内容和所有手机上抹去，不能恢复；走访和诉求保留，其中的姓名和电话删去。" "Gone from records, ledger, quarantine and every phone, for good. Visits and matters stay without name and number."
    erase_now "确认删除" "Erase now"
    restrict_it "限制处理" "Restrict"
    restrict_help "信息保留，但不再使用、不再修改。" "It is kept, and neither used nor changed."
    why_not "不予办理的原因" "Why not"
    not_carried_out "不予办理" "Do not carry it out"
    held_texts "待审文字" "Texts held for review"
    held_note "作者写下时还不知道这一户有人已被删除。请看其中是否提到此人。" "Their authors could not know yet that somebody of that home was erased. Read whether the person is named."
    release_text "没有提到，放行" "Nobody is named: release"
    remove_text "提到了，删去文字" "Somebody is: remove the text"
    copy_title "个人信息副本" "Copy of personal data"
    copy_note "依本人申请提供。" "Made at the person's request."
    // appointments
    appointments_by "未了结的预约，和期间内已了结的" "Appointments that are not over, and those of the period that are"
    appointments_note "未赴约不是住户的污点。事由只有前往的人看得到。" "One that was missed is never a mark against a home. What it is about is seen by who goes there."
    no_appointments "没有未了结的预约，期间内也没有已了结的。" "No appointment is open, and none of the period is over."
    time "时间" "Time"
    what_for "预约" "What for"
    who_comes "何人前往" "Who comes"
    time_is_over "已过时间" "Time is over"
    contested "有冲突" "Two versions"
    missed_by "缺席：" "Not there:"
    asked_by "提出：" "Asked by:"
    choose_micro_grid "登记预约请先选择一个微网格。" "To take an appointment down, choose a micro-grid first."
    take_down "登记预约" "Take an appointment down"
    take_down_help "居民来电或到访时登记。负责的网格员在手机上看到，并约定时间。" "For residents who call or come. The grid's staff see it on their phones and agree on a time."
    please_choose "请选择" "Please choose"
    what_about "事由" "What about"
    day "日期" "Day"
    from_time "从" "From"
    to_time "到" "To"
    // notices
    notices_by "现在和期间内有效的通知" "Notices in force now, or in the period"
    notices_note "阅读情况按单位列出，只为让每个人都知道，不比先后。发出后不能修改：更正请撤回后另发。" "Who has read a notice is listed by unit, so that nobody misses it; who was first does not count. A notice is never edited: withdraw it and send another."
    no_notices "没有与本单位有关的通知。" "No notice concerns this unit."
    notice_title "标题" "Title"
    notice_body "正文" "Text"
    notice_kind "类别" "Kind"
    sent_to "发往" "Sent to"
    sent "发出" "Sent"
    holds "有效期" "Holds"
    have_read "已读 / 应读" "Have read / managers"
    no_receipt "不需回执" "No receipt asked for"
    homes_told "已告知户 / 总户数" "Homes told / homes"
    given_on "走访告知次数" "Given on visits:"
    send_notice "发通知" "Send a notice"
    send_notice_help "发给本单位及以下所有网格人员。请勿写入任何居民的个人信息。" "It goes to everyone who works in this unit and below. Never write anything about a resident in it."
    needs_receipt "需要回执" "Ask everyone to confirm"
    not_read_yet "还未阅读" "Not read yet"
    read_by "已阅读" "Have read it"
    manager "管理员" "Manager"
    withdrawn_because "撤回原因：" "Withdrawn:"
    withdraw_notice "撤回通知" "Withdraw this notice"
    withdraw_notice_help "撤回后不再显示在手机的通知列表中；走访时告知过的仍可查看。" "It leaves the lists on phones. Where a visit gave it, it can still be read."
    // devices
    devices_by "各单位工作人员的手机" "Phones of the people who work here"
    holder "持有人" "Holder"
    phone "手机" "Phone"
    status "状态" "Status"
    last_sync "最近同步" "Last sync"
    unsent "未上传" "Unsent"
    oldest_unsent "最早未上传" "Oldest unsent"
    never "从未" "Never"
    silent "7 天未同步" "Silent for 7 days"
    no_devices "还没有登记的手机。" "No phones are enrolled yet."
    devices_note "数字是手机上次联系服务器时报告的。未上传的内容安全地保存在手机里。" "As each phone last reported. What has not been sent is safe on the phone."
    // conflicts
    conflicts_by "两人各写了不同内容的栏目" "Fields in which two people wrote different things"
    conflicts_note "两个值都保留着，由负责的工作人员或工作台核实后选定。" "Both values are kept. The people in charge, or their desk, check and choose one."
    choose "选定" "Choose"
    about "记录" "Record"
    field "栏目" "Field"
    before "原来" "Before"
    value_shown "现在显示" "Shown now"
    value_other "另一个值" "Other value"
    empty "（空）" "(empty)"
    someone "服务器导入" "Import on the server"
    no_conflicts "没有冲突。" "No conflicts."
    list_is_cut "只列出前面的部分，处理后会显示其余。" "Only the first ones are listed; the rest follow as these are settled."
    // quarantine
    quarantine_by "未能生效、原文保留的操作" "Work that could not take effect, kept word for word"
    quarantine_note "没有任何内容被丢弃。请核实后处理。" "Nothing was dropped. Each entry waits for a decision."
    reason "原因" "Reason"
    received "收到时间" "Received"
    verbatim "查看原文" "Show the original"
    entries_count "件数" "Entries"
    accept_it "采纳" "Accept"
    accept_help "核实无误，按原文生效。" "Checked and right: it takes effect as it was made."
    area_of "应属辖区（名称或代码）" "Belongs to (name or code)"
    rehome_it "转入该辖区" "Move there"
    answer_to_author "给作者的答复" "Answer to the author"
    refuse_it "不采纳" "Do not take"
    no_quarantine "没有待处理的内容。" "Nothing waits."
    // errors
    back "返回总览" "Back to the overview"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (id, zh, en) in ALL {
            assert!(!zh.is_empty() && !en.is_empty(), "{id}");
            let chinese = zh.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
            assert!(chinese || ["lang", "other_language"].contains(id), "{id}: {zh}");
        }
        assert_eq!((of(Language::Zh).lang, of(Language::En).lang), ("zh-CN", "en"));
    }
}

//! What people are told, in Chinese and English, by id. Every error that reaches a person has a row here; a test in each crate that raises
//! ids holds them to it. A title says what happened, a detail what to do next; neither ever holds a resident's data.

/// The languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// From an `accept-language` header or a setting: English when it asks for English first, Chinese for everything else.
    pub fn from_header(text: &str) -> Self {
        let first = text.split([',', ';']).next().unwrap_or_default().trim();
        if first.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("en")) { Language::En } else { Language::Zh }
    }
}

/// One message.
#[derive(Debug)]
pub struct Message {
    /// Stable id.
    pub id: &'static str,
    zh: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

impl Message {
    /// What happened.
    pub fn title(&self, language: Language) -> &'static str {
        if language == Language::Zh { self.zh.0 } else { self.en.0 }
    }
    /// What to do.
    pub fn detail(&self, language: Language) -> &'static str {
        if language == Language::Zh { self.zh.1 } else { self.en.1 }
    }
}

/// The message with that id. An id without a row reads as the unexpected error, which names where to turn.
pub fn find(id: &str) -> &'static Message {
    MESSAGES.iter().find(|message| message.id == id).unwrap_or(&MESSAGES[0])
}

/// Whether an id has a row of its own.
pub fn exists(id: &str) -> bool {
    MESSAGES.iter().any(|message| message.id == id)
}

const fn row(id: &'static str, zh: (&'static str, &'static str), en: (&'static str, &'static str)) -> Message {
    Message { id, zh, en }
}

/// The table.
#[rustfmt::skip]
static MESSAGES: &[Message] = &[
    row("unexpected", ("出现意外错误", "请稍后重试；如仍出现，请把时间告诉系统管理员。"), ("Something unexpected went wrong", "Try again later; if it stays, tell your administrator when it happened.")),
    // requests
    row("request.malformed", ("请求无法识别", "请更新应用后重试。"), ("The request is not readable", "Update the app and try again.")),
    row("request.too_large", ("请求过大", "请分批发送：每批最多 500 条、压缩后 1 MiB、解压后 8 MiB。"), ("The request is too large", "Send smaller batches: at most 500 operations, 1 MiB compressed, 8 MiB decompressed.")),
    row("request.too_many_operations", ("一批超过 500 条", "请把一批限制在 500 条以内。"), ("More than 500 operations in one batch", "Keep a batch to 500 operations.")),
    row("request.encoding", ("不支持这种压缩方式", "请用 gzip 或不压缩发送。"), ("This encoding is not supported", "Send gzip or plain bodies.")),
    row("request.too_often", ("请求过于频繁", "请稍等片刻再试。"), ("Too many requests", "Wait a little and try again.")),
    row("request.method", ("此地址不支持这种请求方式", "请查看接口文档。"), ("This address does not take this method", "See the API description.")),
    row("not_found", ("没有找到", "地址有误，或内容不在您的辖区内。"), ("Not found", "The address is wrong, or what it names is outside your area.")),
    row("server.busy", ("服务器繁忙", "请稍后重试，已保存的内容不会丢失。"), ("The server is busy", "Try again later; nothing that you saved is lost.")),
    row("server.disk_full", ("服务器磁盘已满", "请通知系统管理员；手机上的记录仍然保留。"), ("The server's disk is full", "Tell the administrator; everything stays on the phone.")),
    // enrolment and sessions
    row("enrol.code_wrong", ("登记码不正确", "请核对后重新输入；输错五次后此码作废。"), ("The code is not right", "Check it and try again; after five wrong tries it is void.")),
    row("enrol.code_expired", ("登记码已过期", "请上级重新生成登记码，15 分钟内有效。"), ("The code has expired", "Ask your supervisor for a new one; a code lasts 15 minutes.")),
    row("enrol.code_used", ("登记码已被使用", "每个登记码只能用一次，请上级重新生成。"), ("The code was already used", "A code works once; ask your supervisor for a new one.")),
    row("enrol.code_void", ("登记码因多次输错已作废", "请上级重新生成登记码。"), ("The code is void after too many wrong tries", "Ask your supervisor for a new one.")),
    row("enrol.already", ("此手机已登记", "要换人使用，请上级先停用此手机，清除后再登记。"), ("This phone is enrolled already", "For somebody else to use it, have your supervisor revoke it; once it is erased it can be enrolled anew.")),
    row("enrol.key_invalid", ("设备密钥无效", "请重新安装应用后再登记。"), ("The device key is not valid", "Install the app anew and enrol again.")),
    row("enrol.other_person", ("登记码属于另一人", "请向上级索取本人的登记码；如人员信息也已丢失，请管理员先按原编号恢复。本机内容都还在，不要卸载应用。"), ("The code is somebody else's", "Ask your supervisor for a code of your own; where the server lost you, too, the administrator brings you back under your old id first. Everything is still on this phone, so do not remove the app.")),
    row("enrol.other_server", ("登记码属于另一台服务器", "此手机只能回到原来的服务器，请上级用原服务器生成登记码。本机内容都还在。"), ("The code is of another server", "This phone can go back to its own server only; ask for a code made there. Everything is still on this phone.")),
    row("enrol.device_known", ("此手机的编号已被占用", "请联系系统管理员。本机内容都还在，不要卸载应用。"), ("This phone's id is taken", "Tell the administrator. Everything is still on this phone, so do not remove the app.")),
    row("session.required", ("需要登录", "应用会自动重新登录。"), ("Sign-in needed", "The app signs in again by itself.")),
    row("session.expired", ("登录已过期", "应用会自动重新登录。"), ("The session has ended", "The app signs in again by itself.")),
    row("session.signature", ("签名不正确", "此手机的密钥与登记时不同，请重新登记。"), ("The signature is not right", "This phone's key is not the enrolled one; enrol again.")),
    row("device.unknown", ("手机未登记", "请向上级索取新的登记码，在此手机上登记。已保存的内容都在手机上，不要卸载应用。"), ("This phone is not enrolled", "Ask your supervisor for a new code and enrol with it on this phone. What is saved here stays, so do not remove the app.")),
    row("device.revoked", ("手机已被停用", "未上传的内容会交上级处理，本机数据随后清除。"), ("This phone was revoked", "Unsent work goes to your supervisor, then the data on this phone is erased.")),
    row("device.forked", ("检测到同一手机的两个副本", "两个副本都已冻结，请上级选择保留哪一个。"), ("Two copies of this phone exist", "Both are frozen until your supervisor picks one.")),
    row("device.suspended", ("手机已暂停使用", "请联系上级。"), ("This phone is suspended", "Ask your supervisor.")),
    row("protocol.too_old", ("应用版本过旧", "已上传的内容已收到，请更新应用后继续。"), ("The app is too old", "What you sent has arrived; update the app to go on.")),
    row("protocol.too_new", ("应用比服务器新", "请等待管理员升级服务器，内容保存在手机上。"), ("The app is newer than the server", "Wait until the server is upgraded; everything stays on the phone.")),
    row("push.gap", ("操作序号不连续", "应用会从服务器收到的最后一条重新发送。"), ("Operation numbers have a gap", "The app sends again from the last one that the server holds.")),
    row("push.same_id_other_content", ("同一编号的操作内容不同", "此次上传已记录待查，请联系系统管理员。"), ("An operation id came with other content", "This was recorded for audit; tell your administrator.")),
    row("pull.cursor", ("同步位置无效", "应用会从头重新同步。"), ("The sync position is not valid", "The app syncs again from the start.")),
    // quarantine
    row("quarantine.malformed", ("内容无法识别，待上级处理", "原文已完整保留。"), ("Not readable; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.unknown", ("服务器不认识的操作，待上级处理", "原文已完整保留。"), ("Not known to the server; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.record_missing", ("对应的记录不存在，待上级处理", "原文已完整保留。"), ("The record is not there; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.record_moved", ("记录已转到其他辖区，待上级处理", "原文已完整保留。"), ("The record moved to another area; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.record_erased", ("记录已依申请删除，待上级处理", "内容暂存待审，不会恢复该居民的资料。"), ("The record was erased on request; waits for review", "The text is held for review; the resident is not brought back.")),
    row("quarantine.fact_is_fixed", ("已成事实的内容不能覆盖，待上级处理", "请改用“更正”。"), ("A fact cannot be overwritten; waits for a supervisor", "Use a correction instead.")),
    row("quarantine.invalid", ("有一项内容不符合要求，待上级处理", "原文已完整保留，请核对该项。"), ("One field is not valid; waits for a supervisor", "The original is kept whole; check that field.")),
    row("quarantine.not_allowed", ("您的岗位不能做此操作，待上级处理", "原文已完整保留。"), ("Your role does not allow this; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.rehomed", ("已由上级转入其他辖区", "原文已完整保留。"), ("Taken for another area by a supervisor", "The original is kept whole.")),
    row("quarantine.refused", ("上级未采纳，请看答复", "原文已完整保留。"), ("Not taken by a supervisor; read the answer", "The original is kept whole.")),
    row("quarantine.not_now", ("记录当前状态不能这样处理，待上级处理", "原文已完整保留。"), ("Not possible for the record as it stands; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.not_assigned", ("当时您不负责该辖区，待上级处理", "原文已完整保留。"), ("You were not assigned there at that time; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.not_the_author", ("作者与手机登记人不符，待上级处理", "原文已完整保留。"), ("The author is not the holder of the phone; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.device_revoked", ("手机已停用，内容待上级处理", "原文已完整保留。"), ("The phone was revoked; waits for a supervisor", "The original is kept whole.")),
    row("quarantine.witnessed", ("服务器恢复后缺少的记录，由同事手机上的副本提供，待上级处理", "采纳后按原样恢复；原作者的手机同步后会自动补回。"), ("A record that the restored server lacks, kept as a copy on a colleague's phone; waits for a supervisor", "Accepted, it stands again as it was; if its author's phone syncs first, it comes back by itself.")),
    row("quarantine.device_forked", ("手机存在副本，内容待上级处理", "原文已完整保留。"), ("Two copies of the phone exist; waits for a supervisor", "The original is kept whole.")),
    // the phone's own
    row("open.missing_key", ("本机资料的密钥不见了", "资料已原样保留，没有新建；请联系系统管理员。"), ("The key to this phone's data is missing", "The data is kept as it is and nothing new was made; tell your administrator.")),
    row("open.wrong_key", ("本机资料无法用此密钥打开", "资料已原样保留；请联系系统管理员。"), ("This key does not open the phone's data", "The data is kept as it is; tell your administrator.")),
    row("open.key_store", ("手机的密钥库没有响应", "请解锁手机后重试；资料没有改动。"), ("The phone's key store did not answer", "Unlock the phone and try again; the data was not touched.")),
    row("open.newer_than_app", ("资料由更新的应用写成", "请更新应用；资料没有改动。"), ("The data was written by a newer app", "Update the app; the data was not touched.")),
    row("open.damaged", ("本机资料已损坏", "没有删除任何内容；把损坏的文件另存后重新登记，能读出的未上传内容会补回来。"), ("The phone's data is damaged", "Nothing was deleted. Set the damaged file aside and enrol again: unsent work that can be read comes back.")),
    row("open.disk_full", ("手机存储空间已满", "请腾出空间后再打开；资料没有改动。"), ("The phone's storage is full", "Free some space and open again; the data was not touched.")),
    row("open.io", ("手机存储读写出错", "请重试；资料没有改动。"), ("The phone's storage failed", "Try again; the data was not touched.")),
    row("open.busy", ("资料正在被另一个程序使用", "请关闭另一个窗口后重试。"), ("Another program is using the data", "Close the other window and try again.")),
    row("open.migration", ("资料升级没有完成", "请重试；已完成的步骤不会丢失。"), ("The data could not be upgraded", "Try again; the steps that were done are kept.")),
    row("open.unfit", ("应用安装不完整，不能加密", "请重新安装应用；为安全起见没有打开资料。"), ("The app is not built right and cannot encrypt", "Install it anew; nothing was opened, for safety.")),
    row("open.unexpected", ("打开资料时出现意外错误", "资料没有改动；请把时间告诉系统管理员。"), ("Something unexpected happened while opening", "The data was not touched; tell your administrator when it happened.")),
    row("aside.unsent", ("从旧文件补回的内容还没有上传", "没有删除任何内容；请先同步，上传后再删除旧文件。"), ("Work from the old file is not sent yet", "Nothing was removed. Sync first; the old file can be removed once that work is sent.")),
    row("store.damaged", ("本机资料有损坏", "没有保存，草稿仍在；请联系系统管理员。"), ("The phone's data is damaged", "Nothing was saved and the draft is kept; tell your administrator.")),
    row("store.disk_full", ("手机存储空间已满", "没有保存，草稿仍在；请腾出空间后再保存。"), ("The phone's storage is full", "Nothing was saved and the draft is kept; free some space and save again.")),
    row("store.io", ("手机存储读写出错", "没有保存，草稿仍在；请重试。"), ("The phone's storage failed", "Nothing was saved and the draft is kept; try again.")),
    row("store.busy", ("手机正忙", "没有保存，草稿仍在；请再试一次。"), ("The phone is busy", "Nothing was saved and the draft is kept; try once more.")),
    row("store.closed", ("应用正在暂停", "回到应用后再试。"), ("The app is paused", "Come back to the app and try again.")),
    row("store.interrupted", ("应用暂停时中断了操作", "没有保存，草稿仍在；请再试一次。"), ("The app was paused during this", "Nothing was saved and the draft is kept; try once more.")),
    row("store.constraint", ("资料之间有矛盾", "没有保存，草稿仍在；请把时间告诉系统管理员。"), ("The data contradicts itself", "Nothing was saved and the draft is kept; tell your administrator when it happened.")),
    row("store.unexpected", ("保存时出现意外错误", "没有保存，草稿仍在；请把时间告诉系统管理员。"), ("Something unexpected happened while saving", "Nothing was saved and the draft is kept; tell your administrator when it happened.")),
    row("input.invalid", ("有一项内容不符合要求", "请核对标出的一项，草稿仍在。"), ("One field is not valid", "Check the marked field; the draft is kept.")),
    row("matter.role", ("您的岗位不能做这一步", "没有写入任何内容；页面上列出的是您现在能做的。"), ("Your role does not make this move", "Nothing was written. The page lists the moves that you may make now.")),
    row("matter.other_unit", ("这件诉求由其他单位承办", "没有写入任何内容；请联系承办单位或调度。"), ("Another unit is in charge of this matter", "Nothing was written. Ask that unit or the dispatcher.")),
    row("matter.state", ("诉求现在的状态不能做这一步", "没有写入任何内容；它可能刚有了变化，请刷新后再看。"), ("The matter stands where this move is not possible", "Nothing was written. It may just have changed; load it again.")),
    row("matter.track", ("这类诉求没有这一步", "没有写入任何内容；当场办结限即办，事实还原限历史遗留。"), ("Matters of this track do not have this move", "Nothing was written. Only simple matters are handled on the spot; only old ones need their facts restored.")),
    row("matter.handled_it", ("经办人和经办单位不能回访", "没有写入任何内容；请由其他人回访。"), ("Whoever handled it cannot verify it", "Nothing was written. Somebody of another unit asks the resident.")),
    row("matter.no_answer", ("还没有答复居民，不能结案", "没有写入任何内容；请先答复，或列出联系不上的经过。"), ("The resident has no answer yet, so it cannot be closed", "Nothing was written. Answer first, or list the attempts to reach them.")),
    row("matter.no_facts", ("历史遗留诉求还没有事实还原，不能结案", "没有写入任何内容；请先补上事实还原。"), ("An old matter cannot be closed without its facts", "Nothing was written. Add its fact file first.")),
    row("resident.restricted", ("这位居民的资料已限制处理", "没有保存；居民要求解除后，由社区工作台解除。"), ("This resident's data may not be used", "Nothing was saved. The community desk lifts this when the resident asks.")),
    row("desk.not_allowed", ("您的岗位不能做此操作", "没有写入任何内容；请联系上级或有此权限的工作台。"), ("Your role does not allow this", "Nothing was written. Ask the desk whose turn it is, or your supervisor.")),
    row("desk.not_now", ("现在不能这样处理", "记录可能刚刚有了变化；没有写入任何内容，请返回刷新后再看。"), ("Not possible as it stands now", "The record may just have changed. Nothing was written; go back, load the page again and look.")),
    row("desk.invalid", ("有一项内容不符合要求", "没有写入任何内容；请返回检查必填项和日期。"), ("One field is not valid", "Nothing was written; go back and check what is required, and dates.")),
    row("practice.no_sync", ("练习模式不会上传", "这里的住户都是编造的；真实工作请回到正式账号。"), ("Practice mode sends nothing", "The homes here are made up; go back to your own account for real work.")),
    row("input.answers", ("表单中有内容需要改正", "请核对标出的各项，草稿仍在。"), ("Some answers of the form need mending", "Check the marked fields; the draft is kept.")),
    row("form.answer_missing", ("必填", "请填写此项。"), ("Required", "Answer this one.")),
    row("form.answer_shape", ("填写的格式不对", "请按此项的类型重新填写。"), ("The answer has the wrong shape", "Write it again in the way that this field takes.")),
    row("form.answer_choice", ("选项不在表单中", "请重新选择。"), ("This choice is not in the form", "Choose again.")),
    row("form.answer_too_long", ("内容过长", "文字最多 4000 字，照片最多 9 张。"), ("The answer is too long", "At most 4,000 characters, or 9 photos.")),
    row("form.answer_limits", ("不符合此项的要求", "请按提示核对。"), ("Not within what this field allows", "Check it against the hint.")),
    row("input.not_allowed", ("您的岗位不能做此操作", "请联系上级。"), ("Your role does not allow this", "Ask your supervisor.")),
    row("input.not_found", ("没有找到这条记录", "它可能已转到其他辖区。"), ("This record is not here", "It may have moved to another area.")),
    row("sync.unreachable", ("连不上服务器", "内容已保存在手机上，有网络时会自动上传。"), ("The server cannot be reached", "Everything is saved on the phone and goes up when there is a connection.")),
    row("sync.wrong_certificate", ("服务器身份不符", "请勿在此网络同步；请联系系统管理员。"), ("The server is not the one this phone knows", "Do not sync on this network; tell your administrator.")),
    row("sync.not_zoufang", ("网络需要登录或被拦截", "请先完成网络登录（如无线网认证页），再同步。"), ("The network answers in the server's place", "Sign in to the network first (a Wi-Fi login page), then sync.")),
    row("sync.cancelled", ("同步已取消", "内容保存在手机上，可随时再同步。"), ("The sync was cancelled", "Everything is saved on the phone; sync again at any time.")),
    // supervisors
    row("login.wrong", ("用户名或密码不正确", "连续输错会暂时锁定。"), ("Wrong name or password", "Repeated wrong tries lock the account for a while.")),
    row("login.locked", ("账号已暂时锁定", "请 15 分钟后再试，或联系安全管理员。"), ("The account is locked for a while", "Try again in 15 minutes, or ask the security administrator.")),
    row("report.period", ("日期有误", "请用 2026-11-01 的写法，起始日不晚于结束日，最长 366 天。"), ("The dates are not valid", "Write 2026-11-01; the first day is not after the last, at most 366 days.")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_text_is_there() {
        for (at, message) in MESSAGES.iter().enumerate() {
            assert!(!MESSAGES[..at].iter().any(|earlier| earlier.id == message.id), "{} twice", message.id);
            for language in [Language::Zh, Language::En] {
                assert!(!message.title(language).is_empty() && !message.detail(language).is_empty(), "{}", message.id);
            }
        }
    }

    #[test]
    fn every_refusal_has_its_message() {
        use crate::refusal::Refusal as R;
        let field = || "f".to_owned();
        let refusals = [
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
        ];
        refusals.iter().for_each(|refusal| assert!(exists(refusal.message_id()), "{refusal}"));
    }

    #[test]
    fn language_follows_the_header() {
        assert_eq!(Language::from_header("en-GB,zh;q=0.8"), Language::En);
        assert_eq!(Language::from_header("zh-CN,en"), Language::Zh);
        assert_eq!(Language::from_header(""), Language::Zh);
    }
}

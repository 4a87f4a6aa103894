package org.zoufang.app.words

import java.time.Duration
import java.time.LocalDate
import org.zoufang.core.Label
import org.zoufang.core.Message
import org.zoufang.core.SyncPhase

/** 中文。 */
object Chinese : Words {
    override val appName = "走访"
    override val back = "返回"
    override val retry = "重试"
    override val loading = "正在打开…"
    override val unsent = "未上传"
    override fun titleOf(message: Message) = message.titleZh
    override fun detailOf(message: Message) = message.detailZh
    override fun said(message: Message) = labelled(message.titleZh, message.detailZh)
    override fun labelled(label: String, text: String) = "$label：$text"
    override fun pick(label: Label) = label.zh

    override val enrolTitle = "登记这部手机"
    override val enrolExplained = "请上级在电脑上生成登记码。用手机相机扫描后，把得到的文字粘贴到下面，或直接分享到本应用。"
    override val enrolText = "登记码文字"
    override val revoked = "这部手机已被上级停用，未上传的内容已交上级，本机资料已清除。要继续使用请重新登记。"
    override val scan = "扫描"
    override val enrol = "登记"
    override val enrolling = "正在登记…"
    override val compareDigits = "请与上级屏幕上的六位数字核对，必须完全相同"
    override val whosePhone = "手机使用人"
    override val areas = "负责区域"
    override val firstSync = "开始首次同步"

    override val today = "今日走访"
    override fun visited(count: Int, of: Int) = "本月已走访 $count / $of 户"
    override val search = "搜两字或姓名首字母"
    override val searchAgain = "索引尚未完成，稍后再搜可能更全"
    override val nothingFound = "没有找到"
    override val noHomes = "还没有住户资料，请先同步"
    override val more = "正在读取更多…"
    override val neverVisited = "还没有走访过"
    override fun lastVisit(day: String, outcome: String) = "上次 $day · $outcome"
    override fun openMatters(count: Int) = "诉求 $count"
    override val unfinished = "没写完的"
    override fun draftOfVisit(home: String) = "走访 · $home"
    override fun draftOfMatter(home: String) = "诉求 · $home"
    override val clash = "内容不一致"

    override val dueToday = "该走访的"
    override val nothingDue = "该走访的都走访过了"
    override val allHomes = "全部住户"
    override fun allDue(count: Int) = "显示全部 $count 户"
    override fun progress(rule: String, visited: Int, of: Int, until: String) = "$rule：已走访 $visited / $of 户，${until}截止"
    override fun dueUntil(day: String) = "${day}截止"
    override fun overdueSince(day: String) = "${day}起已超期"
    override fun attempts(count: Int) = "去过 $count 次没有见成"
    override fun appointment(purpose: String, time: String) = "$purpose $time"
    override fun fromTo(from: String, to: String) = "$from–$to"

    override val appointments = "预约"
    override fun allAppointments(count: Int) = "全部预约 $count"
    override val noAppointments = "没有预约"
    override val timeHasPassed = "时间已过，请说明结果"
    override fun clashesWith(count: Int) = "与另外 $count 个预约时间重叠"
    override fun askedBy(party: String) = "${party}提出"
    override fun comes(name: String) = "${name}上门"
    override fun notThere(party: String) = "${party}没有到"
    override val proposedTimes = "可以的时间"
    override val agree = "就约这个时间"
    override val toHome = "看住户"
    override val whatBecame = "结果"
    override val appointmentKept = "已履约"
    override val residentMissed = "居民不在"
    override val managerMissed = "我没去成"
    override val cancelAppointment = "取消预约"
    override val cancelReason = "取消的原因（可不填）"
    override val endAsked = "说了就不能改回来。"

    override val notices = "通知"
    override fun unreadNotices(count: Int) = "$count 条通知未读"
    override val noNotices = "现在没有通知"
    override val unread = "未读"
    override fun sentOn(day: String) = "${day}发布"
    override fun validUntil(day: String) = "有效至$day"
    override val giveReceipt = "我已阅读，发送回执"
    override val receiptExplained = "发布单位在等回执。没有网络也可以先点，联网后送达。"
    override fun receiptGiven(day: String) = "${day}已发送回执"
    override fun readOn(day: String) = "${day}已读"

    override fun unsentCount(count: Long) = "$count 条未上传"
    override val allSent = "全部已上传"
    override fun oldest(age: String) = "最早的在 ${age}前"
    override fun lastSuccess(age: String) = "上次同步在 ${age}前"
    override val neverSynced = "还没有同步过"
    override val firstSyncIncomplete = "首次同步未完成，资料还不全"
    override val sync = "同步"
    override val stop = "停止"
    override val syncing = "正在同步…"
    override fun phase(phase: SyncPhase, done: Long, total: Long?): String {
        val count = if (total == null) "$done" else "$done / $total"
        return when (phase) {
            SyncPhase.SIGNING_IN -> "正在连接服务器…"
            SyncPhase.PUSHING -> "正在上传 $count"
            SyncPhase.PULLING -> "正在接收 $count"
            SyncPhase.ERASING -> "正在清除 $count"
        }
    }
    override fun held(conflicts: Long, quarantined: Long) = listOfNotNull(
        "$conflicts 处内容不一致".takeIf { conflicts > 0 },
        "$quarantined 条待上级处理".takeIf { quarantined > 0 },
    ).joinToString("，")
    override val heldTitle = "需要人来定的"
    override val conflicts = "内容不一致"
    override val quarantine = "待上级处理"
    override fun writtenBy(who: String, day: String) = "$who · $day"
    override fun before(text: String) = "原来：$text"
    override val settle = "以此为准"
    override val settleExplained = "几个人各写各的，选一个为准。"
    override val emptyValue = "（空）"
    override val someone = "同事"

    override val others = "更多"
    override val profiles = "账号"
    override fun profileNumber(number: Int) = "账号 $number"
    override fun several(names: List<String>) = names.joinToString("、")
    override val profileOpen = "正在使用"
    override val notEnrolled = "还没有登记"
    override fun maybeUnsent(count: Long) = "可能有 $count 条未上传"
    override val addProfile = "添加账号"
    override val addProfileExplained = "给合用这部手机的同事，或在另一个城市的工作。各账号的资料分开存放，互相看不到。"
    override val practice = "练习模式"
    override val practiceExplained = "用虚构的住户随便试，不会上传，也不影响真实工作。"
    override val practise = "进入练习模式"
    override val practiceBanner = "练习模式：虚构住户，不会上传"
    override val practiceNoSync = "练习内容不会上传，这里不用同步"
    override val leavePractice = "返回真实工作"
    override val beginAnew = "重新开始练习"
    override val beginAnewAsked = "练习中写下的内容会清除，不能恢复。真实工作不受影响。"

    override val visit = "走访"
    override val matter = "诉求"
    override val contact = "联系人"
    override val noContact = "没有登记联系人"
    override val residents = "居民"
    override val visits = "以往走访"
    override val matters = "诉求"
    override val none = "暂无"
    override val visitSaved = "走访已保存在手机上"
    override val matterSaved = "诉求已保存在手机上"
    override val matterOfVisit = "记下居民的诉求"
    override fun due(day: String) = "${day}前答复"
    override val overdue = "已超期"

    override val mode = "方式"
    override val outcome = "结果"
    override val duties = "履行职责（可多选）"
    override val note = "记录"
    override val noticesGiven = "带到的通知"
    override val forAppointment = "这次是赴约：见到了，预约记为已履约；没见成，记为居民未赴约。"
    override val needsFollowUp = "需要再来"
    override val kind = "类型"
    override val track = "办理方式"
    override val urgency = "紧急程度"
    override val summary = "诉求内容"
    override val done = "当场怎么办的"
    override val doneExplained = "当场办结的写在这里，没有就空着"
    override val save = "保存"
    override val saving = "正在保存…"
    override val savedAsYouWrite = "写下的随时存在手机上，关掉也不会丢"
    override val discard = "删除草稿"
    override val discardAsked = "写下的内容会删除，不能恢复。"
    override val keep = "留着"

    override fun age(of: Duration): String = when {
        of.toMinutes() < 1 -> "不到 1 分钟"
        of.toHours() < 1 -> "${of.toMinutes()} 分钟"
        of.toDays() < 1 -> "${of.toHours()} 小时"
        else -> "${of.toDays()} 天"
    }
    override fun day(of: LocalDate, today: LocalDate): String = when {
        of == today -> "今天"
        of == today.plusDays(1) -> "明天"
        of == today.minusDays(1) -> "昨天"
        of.year == today.year -> "${of.monthValue}月${of.dayOfMonth}日"
        else -> "${of.year}年${of.monthValue}月${of.dayOfMonth}日"
    }
}

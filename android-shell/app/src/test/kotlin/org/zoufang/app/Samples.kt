package org.zoufang.app

import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import org.zoufang.bridge.NextStep
import org.zoufang.bridge.Problem
import org.zoufang.core.Address
import org.zoufang.core.AppointmentParty
import org.zoufang.core.AppointmentPurpose
import org.zoufang.core.AppointmentState
import org.zoufang.core.AppointmentView
import org.zoufang.core.AreaView
import org.zoufang.core.ConflictSide
import org.zoufang.core.ConflictValue
import org.zoufang.core.ConflictView
import org.zoufang.core.DecisionView
import org.zoufang.core.DraftFields
import org.zoufang.core.DraftView
import org.zoufang.core.DueAppointment
import org.zoufang.core.DueHome
import org.zoufang.core.DueList
import org.zoufang.core.DueProgress
import org.zoufang.core.Duty
import org.zoufang.core.DwellingUse
import org.zoufang.core.Enrolled
import org.zoufang.core.HomeView
import org.zoufang.core.LastVisit
import org.zoufang.core.LeftAside
import org.zoufang.core.MatterDraftFields
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterSource
import org.zoufang.core.MatterStanding
import org.zoufang.core.MatterState
import org.zoufang.core.MatterTrack
import org.zoufang.core.MatterTurn
import org.zoufang.core.MatterUrgency
import org.zoufang.core.MatterView
import org.zoufang.core.Message
import org.zoufang.core.NoticeKind
import org.zoufang.core.NoticeState
import org.zoufang.core.NoticeView
import org.zoufang.core.QuarantineView
import org.zoufang.core.RecordKind
import org.zoufang.core.ResidencyKind
import org.zoufang.core.ResidentView
import org.zoufang.core.Role
import org.zoufang.core.SyncState
import org.zoufang.core.SyncStatus
import org.zoufang.core.TakenUp
import org.zoufang.core.TaskState
import org.zoufang.core.TimeSlot
import org.zoufang.core.UnitLevel
import org.zoufang.core.VisitDraftFields
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.VisitState
import org.zoufang.core.VisitTask
import org.zoufang.core.VisitView

/** Made-up values, for pictures: nobody of these exists. */
object Samples {
    val now: Instant = Instant.parse("2026-11-24T02:30:00Z")
    val zone: ZoneId = ZoneId.of("Asia/Shanghai")
    private fun id(number: Int) = UUID(7, number.toLong())
    private fun hoursAgo(hours: Long): Instant = now.minusSeconds(hours * 3600)

    fun home(
        number: Int, address: String = "1号楼1单元${100 + number}", contact: String? = "张${number}样例", last: LastVisit? = null,
        matters: UInt = 0u, isUnsent: Boolean = false, hasConflict: Boolean = false,
    ) = HomeView(
        household = id(number), dwelling = id(1000 + number), microGrid = id(1), microGridName = "测试微网格", addressText = address,
        address = Address("1号楼", "1单元", "${100 + number}"), walkKey = "$number", usedAs = DwellingUse.OWN, contact = contact,
        phone = "13900000000", peopleCount = 3u, from = null, to = null, lastVisit = last, openMattersCount = matters,
        hasConflict = hasConflict, unsent = isUnsent, sync = SyncState.ACKNOWLEDGED,
    )

    val homes = listOf(
        home(1, last = LastVisit(hoursAgo(1), VisitOutcome.DONE), isUnsent = true),
        home(2, last = LastVisit(hoursAgo(26), VisitOutcome.NO_ANSWER), matters = 2u),
        home(3, contact = null),
        home(
            4, address = "南沟路沿街商铺（原供销社旧址）甲区12号楼3单元1804", contact = "欧阳样例长姓名",
            last = LastVisit(hoursAgo(24 * 40), VisitOutcome.DONE), matters = 1u, isUnsent = true, hasConflict = true,
        ),
        home(5, last = LastVisit(hoursAgo(24 * 400), VisitOutcome.REFUSED)),
        home(6), home(7), home(8), home(9),
    )

    private fun task(number: Int, name: String, dueTo: String, state: TaskState, at: DueAppointment? = null, attempts: UInt = 0u, why: String? = null) =
        VisitTask(id(200 + number), id(300 + number), name, at, "2026-11-18", dueTo, state, why, attempts)
    private val appointment =
        DueAppointment(id(400), AppointmentPurpose.ERRAND, TimeSlot(now.plusSeconds(3600), now.plusSeconds(2 * 3600)))
    val due = DueList(
        "2026-11-24",
        listOf(
            DueHome(
                homes[3],
                listOf(
                    task(1, "重点走访", "2026-11-20", TaskState.OVERDUE, attempts = 2u),
                    task(2, "每月走访", "2026-11-30", TaskState.DUE),
                ),
            ),
            DueHome(homes[1], listOf(task(3, "", "2026-11-24", TaskState.DUE, appointment))),
            DueHome(homes[2], listOf(task(4, "每月走访", "2026-11-30", TaskState.DUE, why = "改到今天：上次家中无人"))),
        ),
        listOf(
            DueProgress(id(301), "重点走访", "2026-11-18", "2026-11-20", 4u, 3u, 1u, 0u),
            DueProgress(id(302), "每月走访", "2026-11-01", "2026-11-30", 42u, 17u, 0u, 0u),
        ),
    )

    private fun slot(hours: Long) = now.plusSeconds(hours * 3600).let { TimeSlot(it, it.plusSeconds(3600)) }
    private fun appointment(number: Int, state: AppointmentState, slot: TimeSlot?, slots: List<TimeSlot>, note: String, isOverdue: Boolean) =
        AppointmentView(
            id(600 + number), id(number), "1号楼1单元10$number", id(1), AppointmentPurpose.ERRAND, AppointmentParty.RESIDENT, note, slots, state,
            slot, slot?.let { id(2) }, slot?.let { "测试管理员甲" }, null, null, null, isOverdue, emptyList(), false, SyncState.QUEUED,
        )
    val appointments = listOf(
        appointment(1, AppointmentState.AGREED, slot(-30), listOf(slot(-30)), "帮着办医保续保", isOverdue = true),
        appointment(2, AppointmentState.AGREED, slot(2), listOf(slot(2)), "", isOverdue = false),
        appointment(3, AppointmentState.PROPOSED, null, listOf(slot(3), slot(50)), "问低保怎么申请", isOverdue = false),
    )

    val notices = listOf(
        NoticeView(
            id(500), id(4), "测试社区", "关于入冬用气用电安全入户提醒的通知", "请在走访时提醒住户检查燃气软管和电热毯，重点关注独居老人家庭。发现隐患当场上报。",
            NoticeKind.SAFETY, "2026-11-20", "2026-12-20", true, NoticeState.IN_FORCE, null, hoursAgo(3), null, null,
        ),
        NoticeView(
            id(501), id(3), "测试区", "医保缴费期延长", "缴费期延长至年底，请告知住户。", NoticeKind.PUBLICITY, "2026-11-01", "2026-12-31", true,
            NoticeState.IN_FORCE, null, hoursAgo(80), hoursAgo(30), SyncState.QUEUED,
        ),
        NoticeView(
            id(502), id(3), "测试区", "走访日调整", "本月走访日改为 28 日。", NoticeKind.TASK, "2026-11-01", "2026-11-30", false,
            NoticeState.WITHDRAWN, "日期有误，以新通知为准", hoursAgo(200), hoursAgo(190), SyncState.ACKNOWLEDGED,
        ),
    )

    val status = SyncStatus(
        enrolled = true, complete = true, unsentCount = 0uL, oldestUnsentAt = null, lastSuccessAt = hoursAgo(2), lastError = null,
        nextSyncAt = null, quarantinedCount = 0uL, conflictsCount = 0uL, revoked = false, wipedCounter = null,
    )

    val unreachable = Message(
        "sync.unreachable", "连不上服务器", "内容已保存在手机上，有网络时会自动上传。", "The server cannot be reached",
        "Everything is saved on the phone and goes up when there is a connection.",
    )
    val invalid = Message(
        "input.invalid", "有一项内容不符合要求", "请核对标出的一项，草稿仍在。", "One field is not valid", "Check the marked field; the draft is kept.",
    )
    val locked = Problem(
        Message(
            "open.key_store", "手机的密钥库没有响应", "请解锁手机后重试；资料没有改动。", "The phone's key store did not answer",
            "Unlock the phone and try again; the data was not touched.",
        ),
        NextStep.UNLOCK_PHONE,
    )
    val damaged = Problem(
        Message(
            "open.damaged", "本机资料已损坏", "没有删除任何内容；把损坏的文件另存后重新登记，能读出的未上传内容会补回来。", "The phone's data is damaged",
            "Nothing was deleted. Set the damaged file aside and enrol again: unsent work that can be read comes back.",
        ),
        NextStep.ASK_SUPERVISOR,
    )
    val noKey = Problem(
        Message(
            "open.missing_key", "本机资料的密钥不见了", "资料已原样保留，没有新建；请联系系统管理员。", "The key to this phone's data is missing",
            "The data is kept as it is and nothing new was made; tell your administrator.",
        ),
        NextStep.ASK_SUPERVISOR,
    )
    val unknown = Message(
        "device.unknown", "手机未登记", "请向上级索取新的登记码，在此手机上登记。已保存的内容都在手机上，不要卸载应用。", "This phone is not enrolled",
        "Ask your supervisor for a new code and enrol with it on this phone. What is saved here stays, so do not remove the app.",
    )
    private val notAllowed =
        Message("input.not_allowed", "没有权限", "请联系上级。", "Not allowed", "Ask your supervisor.")
    val takenUp = TakenUp(
        12uL, 3uL,
        listOf(
            LeftAside(7uL, RecordKind.VISIT, id(1), notAllowed), LeftAside(9uL, RecordKind.VISIT, id(2), notAllowed),
            LeftAside(11uL, null, null, Message("store.damaged", "本机资料有损坏", "", "The phone's data is damaged", "")),
        ),
    )
    val wrongCode = Problem(
        Message(
            "enrol.code_wrong", "登记码不正确", "请核对后重新输入；输错五次后此码作废。", "The code is not right",
            "Check it and try again; after five wrong tries it is void.",
        ),
        NextStep.MEND_FIELD, "code",
    )

    val enrolled = Enrolled(
        id(2), "测试管理员甲", "https://zoufang.example:8443", "482913",
        listOf(
            AreaView(id(3), UnitLevel.DISTRICT, "测试区", null), AreaView(id(4), UnitLevel.COMMUNITY, "测试社区", null),
            AreaView(id(1), UnitLevel.MICRO_GRID, "测试微网格", Role.MICRO_GRID_MANAGER),
        ),
    )

    val residents = listOf("张一样例" to ResidencyKind.REGISTERED, "李二样例" to ResidencyKind.FLOATING).mapIndexed { number, (name, kind) ->
        ResidentView(
            id(20 + number), id(30 + number), id(1), name, null, 1950 + number, null, kind, true, "2020-01-01", null, false, false,
            SyncState.ACKNOWLEDGED,
        )
    }

    fun visit(number: Int, hours: Long, note: String, state: VisitState = VisitState.DONE, sync: SyncState = SyncState.ACKNOWLEDGED) = VisitView(
        id(40 + number), id(1), false, id(1), state, id(2), listOf(id(2)), hoursAgo(hours), null, VisitMode.DOOR, VisitOutcome.DONE,
        listOf(Duty.INFORMATION), note, false, emptyList(), emptyList(), null, null, emptyList(), null, sync,
    )

    fun matter(number: Int, summary: String, state: MatterState, urgency: MatterUrgency, isOverdue: Boolean, sync: SyncState) = MatterView(
        id(60 + number), id(1), id(1), null, null, MatterSource.VISIT, MatterKind.HELP, MatterTrack.SIMPLE, summary, urgency, null, emptyList(),
        state, false, hoursAgo(50), now.plusSeconds(3 * 86400), null, isOverdue, 0u, emptyList(), false, sync,
        MatterStanding(MatterTurn.DESK, false, null, false, null, emptyList()),
    )

    val visitFields = VisitDraftFields(
        id(1), VisitMode.DOOR, VisitOutcome.DONE, hoursAgo(0), null, listOf(Duty.INFORMATION, Duty.ERRANDS),
        "家中两位老人，暖气正常。下周要去医院复查，子女不在本地。", true, null, emptyList(), emptyList(), emptyList(), null,
    )
    val emptyVisit = VisitDraftFields(id(1), null, null, hoursAgo(0), null, emptyList(), "", false, null, emptyList(), emptyList(), emptyList(), null)
    val matterFields = MatterDraftFields(
        null, id(1), null, null, MatterSource.VISIT, MatterKind.HELP, MatterTrack.SIMPLE, "楼道灯不亮，晚上老人下楼不方便", MatterUrgency.URGENT,
        null, emptyList(), "已联系物业，当天换好",
    )

    val drafts = listOf(
        DraftView(id(80), id(1), DraftFields.OfVisit(visitFields), hoursAgo(1), hoursAgo(1)),
        DraftView(id(81), id(2), DraftFields.OfMatter(matterFields), hoursAgo(2), hoursAgo(2)),
    )

    val conflict = ConflictView(
        id(90), RecordKind.HOUSEHOLD, id(1), "contact", id(1), "1号楼1单元101", ConflictValue("张一样例", "\"\""),
        listOf(
            ConflictSide(ConflictValue("张三样例", "\"\""), id(2), "测试管理员甲", hoursAgo(3), id(91)),
            ConflictSide(ConflictValue("李四样例", "\"\""), id(5), "测试协管员乙", hoursAgo(2), id(92)),
        ),
    )
    val quarantined = QuarantineView(
        7uL, RecordKind.VISIT, id(93), id(2), "1号楼1单元102",
        Message(
            "quarantine.not_assigned", "当时您不负责该辖区，待上级处理", "原文已完整保留。",
            "You were not assigned there at that time; waits for a supervisor", "The original is kept whole.",
        ),
        null, "{}", hoursAgo(30), hoursAgo(20),
        DecisionView(
            Message(
                "quarantine.refused", "上级未采纳，请看答复", "原文已完整保留。",
                "Not taken by a supervisor; read the answer", "The original is kept whole.",
            ),
            "测试答复：该户已由测试协管员乙走访", hoursAgo(2),
        ),
    )
}

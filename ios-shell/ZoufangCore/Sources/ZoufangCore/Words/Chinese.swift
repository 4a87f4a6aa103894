import Foundation

/// 中文。
public struct Chinese: Words {
    public init() {}
    public let appName = "走访"
    public let back = "返回"
    public let retry = "重试"
    public let loading = "正在打开…"
    public let unsent = "未上传"
    public func title(of message: Message) -> String { message.titleZh }
    public func detail(of message: Message) -> String { message.detailZh }
    public func labelled(_ label: String, _ text: String) -> String { "\(label)：\(text)" }
    public func pick(_ label: Label) -> String { label.zh }

    public let enrolTitle = "登记这部手机"
    public let enrolExplained = "请上级在电脑上生成登记码，用相机扫描，或把登记码的文字粘贴到下面。"
    public let enrolText = "登记码文字"
    public let paste = "粘贴"
    public let scan = "扫描"
    public let revoked = "这部手机已被上级停用，未上传的内容已交上级，本机资料已清除。要继续使用请重新登记。"
    public let enrol = "登记"
    public let enrolling = "正在登记…"
    public let compareDigits = "请与上级屏幕上的六位数字核对，必须完全相同"
    public let whosePhone = "手机使用人"
    public let areas = "负责区域"
    public let firstSync = "开始首次同步"

    public let others = "更多"
    public let profiles = "账号"
    public func profileNumber(_ number: Int) -> String { "账号 \(number)" }
    public func several(_ names: [String]) -> String { names.joined(separator: "、") }
    public let profileOpen = "正在使用"
    public let notEnrolled = "还没有登记"
    public func maybeUnsent(_ count: UInt64?) -> String { count.map { "可能有 \($0) 条未上传" } ?? "可能有内容未上传" }
    public let addProfile = "添加账号"
    public let addProfileExplained = "给合用这部手机的同事，或在另一个城市的工作。各账号的资料分开存放，互相看不到。"
    public let practice = "练习模式"
    public let practiceExplained = "用虚构的住户随便试，不会上传，也不影响真实工作。"
    public let practise = "进入练习模式"
    public let practiceBanner = "练习模式：虚构住户，不会上传"
    public let practiceNoSync = "练习内容不会上传，这里不用同步"
    public let leavePractice = "返回真实工作"
    public let beginAnew = "重新开始练习"
    public let beginAnewAsked = "练习中写下的内容会清除，不能恢复。真实工作不受影响。"

    public let damagedExplained = "这部手机上的资料文件读不出来了。文件原样保留，没有删除任何内容，请不要卸载应用。先重试一次；还是打不开，就把文件另存，用新的登记码重新登记。"
    public let keyMissingExplained = "打开资料要用的密钥现在取不到，可能只是暂时的。资料原样保留，没有删除任何内容，请不要卸载应用。请先解锁或重启手机后重试；一直打不开，再把文件另存、重新登记。没有密钥，文件里未上传的内容可能读不出来。"
    public let setAside = "另存旧资料，重新开始"
    public let setAsideAsked = "旧资料文件会原样留在这部手机上，现在不会删除。之后要用上级给的新登记码重新登记；首次同步完成后，能读出的未上传内容会自动补回来。没写完的草稿留在文件里，不会补回。"
    public let whatToDo = "怎么办"
    public let enrolSetAside = "旧资料已另存在这部手机上，没有删除。请向上级要新的登记码；登记并完成首次同步后，能读出的未上传内容会自动补回来。"
    public let takingUpTitle = "补回旧资料里未上传的内容"
    public let takingUpWaits = "首次同步完成后自动补回，不用做什么。"
    public let takingUpNow = "正在读取另存的文件…"
    public let ofUnknownKind = "读不出的内容"
    public let takenUpNothing = "没有读出要补回的内容。文件在这部手机上保留 30 天；如果记得有没上传的内容，请告诉系统管理员。"
    public let forgetAside = "删除旧文件"
    public let forgetAsideAsked = "旧文件和没能补回的内容会一起删除，删除后不能恢复。确认这些内容不再需要，或系统管理员同意后再删。"
    public let understood = "知道了"
    public let rejoinTitle = "服务器不认识这部手机了"
    public let rejoinExplained = "服务器从较早的备份恢复过。您写下的内容都在这部手机上，没有丢，请不要卸载应用。请向上级要一个新的登记码，填在下面。"
    public let rejoin = "用新登记码恢复"
    public let rejoining = "正在恢复…"
    public let rejoined = "服务器又认识这部手机了，正在继续同步。请与上级屏幕上的六位数字核对，必须完全相同。"
    public func takenUp(_ count: UInt64) -> String { "补回 \(count) 条，随下次同步上传。" }
    public func takenUpKnown(_ count: UInt64) -> String { "\(count) 条已经在这里，不用补。" }
    public func takenUpLeft(_ count: Int) -> String { "\(count) 条没能补回，仍在另存的文件里，文件一年后删除，请告诉系统管理员：" }
    public func leftAside(_ kind: String, _ reason: String, _ count: Int) -> String { "\(kind)：\(reason)（\(count) 条）" }

    public let today = "今日走访"
    public func visited(_ count: Int, of all: Int) -> String { "本月已走访 \(count) / \(all) 户" }
    public let search = "搜两字或姓名首字母"
    public let searchAgain = "索引尚未完成，稍后再搜可能更全"
    public let nothingFound = "没有找到"
    public let neverVisited = "还没有走访过"
    public let noHomes = "还没有住户资料，请先同步"
    public let more = "正在读取更多…"
    public func lastVisit(_ day: String, _ outcome: String) -> String { "上次 \(day) · \(outcome)" }
    public func openMatters(_ count: UInt32) -> String { "诉求 \(count)" }
    public let unfinished = "没写完的"
    public let clash = "内容不一致"

    public let dueToday = "该走访的"
    public let nothingDue = "该走访的都走访过了"
    public func allDue(_ count: Int) -> String { "显示全部 \(count) 户" }
    public func progress(_ rule: String, _ visited: UInt32, of all: UInt32, until: String) -> String {
        "\(rule)：已走访 \(visited) / \(all) 户，\(until)截止"
    }
    public func dueUntil(_ day: String) -> String { "\(day)截止" }
    public func overdueSince(_ day: String) -> String { "\(day)起已超期" }
    public func attempts(_ count: UInt32) -> String { "去过 \(count) 次没有见成" }
    public func appointment(_ purpose: String, _ time: String) -> String { "\(purpose) \(time)" }
    public func fromTo(_ from: String, _ to: String) -> String { "\(from)–\(to)" }

    public let appointments = "预约"
    public func allAppointments(_ count: Int) -> String { "全部预约 \(count)" }
    public let noAppointments = "没有预约"
    public let timeHasPassed = "时间已过，请说明结果"
    public func clashesWith(_ count: Int) -> String { "与另外 \(count) 个预约时间重叠" }
    public func askedBy(_ party: String) -> String { "\(party)提出" }
    public func comes(_ name: String) -> String { "\(name)上门" }
    public func notThere(_ party: String) -> String { "\(party)没有到" }
    public let proposedTimes = "可以的时间"
    public let agree = "就约这个时间"
    public let toHome = "看住户"
    public let whatBecame = "结果"
    public let appointmentKept = "已履约"
    public let residentMissed = "居民不在"
    public let managerMissed = "我没去成"
    public let cancelAppointment = "取消预约"
    public let cancelReason = "取消的原因（可不填）"
    public let endAsked = "说了就不能改回来。"

    public let notices = "通知"
    public func unreadNotices(_ count: UInt32) -> String { "\(count) 条通知未读" }
    public let noNotices = "现在没有通知"
    public let unread = "未读"
    public func sentOn(_ day: String) -> String { "\(day)发布" }
    public func validUntil(_ day: String) -> String { "有效至\(day)" }
    public let giveReceipt = "我已阅读，发送回执"
    public let receiptExplained = "发布单位在等回执。没有网络也可以先点，联网后送达。"
    public func receiptGiven(_ day: String) -> String { "\(day)已发送回执" }
    public func readOn(_ day: String) -> String { "\(day)已读" }
    public let noticesGiven = "带到的通知"

    public func unsentCount(_ count: UInt64) -> String { "\(count) 条未上传" }
    public let allSent = "全部已上传"
    public func oldest(_ age: String) -> String { "最早的在 \(age)前" }
    public func lastSuccess(_ age: String) -> String { "上次同步在 \(age)前" }
    public let neverSynced = "还没有同步过"
    public let firstSyncIncomplete = "首次同步未完成，资料还不全"
    public let sync = "同步"
    public let stop = "停止"
    public let syncing = "正在同步…"
    public func phase(_ phase: SyncPhase, _ count: String) -> String {
        switch phase {
        case .signingIn: "正在连接服务器…"
        case .pushing: "正在上传 \(count)"
        case .pulling: "正在接收 \(count)"
        case .erasing: "正在清除 \(count)"
        }
    }
    public func held(conflicts: UInt64, quarantined: UInt64) -> String {
        let parts = [conflicts > 0 ? "\(conflicts) 处内容不一致" : nil, quarantined > 0 ? "\(quarantined) 条待上级处理" : nil]
        return parts.compactMap { $0 }.joined(separator: "，")
    }
    public let heldTitle = "需要人来定的"
    public let conflicts = "内容不一致"
    public let quarantine = "待上级处理"
    public func side(of who: String, _ text: String) -> String { "\(who) 写的：\(text)" }
    public func before(_ text: String) -> String { "原来：\(text)" }
    public let settle = "以此为准"
    public let settleExplained = "几个人各写各的，选一个为准。"
    public let emptyValue = "（空）"
    public let someone = "同事"

    public let visit = "走访"
    public let matter = "诉求"
    public let contact = "联系人"
    public let noContact = "没有登记联系人"
    public let residents = "居民"
    public let visits = "以往走访"
    public let matters = "诉求"
    public let none = "暂无"
    public let visitSaved = "走访已保存在手机上"
    public let matterSaved = "诉求已保存在手机上"
    public let matterOfVisit = "记下居民的诉求"
    public func due(_ day: String) -> String { "\(day) 前答复" }
    public let overdue = "已超期"

    public let mode = "方式"
    public let outcome = "结果"
    public let duties = "履行职责（可多选）"
    public let note = "记录"
    public let needsFollowUp = "需要再来"
    public let forAppointment = "这次是赴约：见到了，预约记为已履约；没见成，记为居民未赴约。"
    public let kind = "类型"
    public let track = "办理方式"
    public let urgency = "紧急程度"
    public let summary = "诉求内容"
    public let done = "当场怎么办的"
    public let doneExplained = "当场办结的写在这里，没有就空着"
    public let save = "保存"
    public let saving = "正在保存…"
    public let savedAsYouWrite = "写下的随时存在手机上，关掉也不会丢"
    public let discard = "删除草稿"
    public let discardAsked = "写下的内容会删除，不能恢复。"
    public let keep = "留着"

    public func age(minutes: Int) -> String {
        switch minutes {
        case ..<1: "不到 1 分钟"
        case ..<60: "\(minutes) 分钟"
        case ..<(24 * 60): "\(minutes / 60) 小时"
        default: "\(minutes / (24 * 60)) 天"
        }
    }
    public func day(_ day: DateComponents, isThisYear: Bool) -> String {
        let inYear = "\(day.month ?? 0)月\(day.day ?? 0)日"
        return isThisYear ? inYear : "\(day.year ?? 0)年\(inYear)"
    }
    public let todayAsDay = "今天"
    public let yesterday = "昨天"
    public let tomorrow = "明天"
}

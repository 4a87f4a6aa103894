import Foundation
import ZoufangClient
import ZoufangDesktop

private let callsCount = 100_000
private let subscriptionsCount = 10_000

/// What `calls` prints, in KiB.
private struct Growth: Encodable {
    let callsKb: Int
    let subscriptionsKb: Int
}

/// Every kind of thing that crosses: text, numbers, lists of records, errors, objects; then subscriptions and streams. A first tenth fills
/// caches and allocators before anything is measured.
func measureCalls(in folder: URL, leaking: Bool) async throws {
    let (options, ports) = (OpenOptions(path: folder.appendingPathComponent("phone.db").path), try Ports.desktop(inFolder: folder))
    let core = try ZoufangCore.open(options: options, vault: ports.vault, signer: ports.signer, connectivity: ports.connectivity)
    let client = try await ZoufangClient.open(options, ports: ports)
    let home = try core.households().list(page: Page(takeCount: 1))[0]
    let kept = Kept(leaking)

    call(core, home, callsCount / 10, kept)
    let beforeCalls = try memoryKb()
    call(core, home, callsCount, kept)
    let callsKb = try memoryKb() - beforeCalls

    try await subscribe(core, client, subscriptionsCount / 10, kept)
    let beforeSubscriptions = try memoryKb()
    try await subscribe(core, client, subscriptionsCount, kept)
    let growth = Growth(callsKb: callsKb, subscriptionsKb: try memoryKb() - beforeSubscriptions)
    say(String(decoding: try JSONEncoder().encode(growth), as: UTF8.self))
    try await client.close()
    try core.shutDown()
}

private func call(_ core: ZoufangCore, _ home: HomeView, _ count: Int, _ kept: Kept) {
    for number in 0..<count {
        switch number % 5 {
        case 0: kept.keep(core.version())
        case 1: kept.keep(core.households())
        case 2: kept.keep(try? core.households().find(id: home.household))
        case 3:
            do {
                kept.keep(try core.visits().find(id: UUID()))
            } catch {
                kept.keep(error)
            }
        default: kept.keep(try? core.enrolment().readQr(text: #"{"v":1,"url":"http://127.0.0.1:9","code":"A"}"#))
        }
    }
}

private func subscribe(_ core: ZoufangCore, _ client: ZoufangClient, _ count: Int, _ kept: Kept) async throws {
    for number in 0..<count {
        switch number % 3 {
        case 0:  // cancelled
            let subscription = core.subscribe(listener: Deaf())
            kept.keep(subscription)
            if !kept.isLeaking { subscription.cancel() }
        case 1: kept.keep(core.sync().watch(listener: Deaf()))  // let go of
        default:  // read from, and left
            let changes = client.changes
            kept.keep(changes)
            for await _ in changes { break }
        }
    }
}

private final class Deaf: ChangeListener, SyncListener {
    func changed(change: Change) {}
    func progressed(progress: SyncProgress) {}
}

/// Lets go of everything, or of nothing.
private final class Kept {
    let isLeaking: Bool
    private var all: [Any?] = []

    init(_ isLeaking: Bool) { self.isLeaking = isLeaking }
    func keep(_ one: Any?) {
        if isLeaking { all.append(one) }
    }
}

/// What the process holds of the machine's memory, in KiB.
private func memoryKb() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    guard let kb = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
        throw CocoaError(.fileReadCorruptFile)
    }
    return kb
}

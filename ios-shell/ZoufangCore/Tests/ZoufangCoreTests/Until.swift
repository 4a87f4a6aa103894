import Foundation
import Observation
import Testing
import ZoufangStage

/// Waits until `value` gives something, looking again whenever what it read has changed; no longer than is bearable.
@MainActor func until<Value>(_ what: String, at location: SourceLocation = #_sourceLocation, _ value: @escaping @MainActor () -> Value?)
    async throws -> Value
{
    let (looks, look) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
    let bound = Task {
        try await Task.sleep(for: .seconds(Int(patienceSeconds)))
        look.finish()
    }
    defer { bound.cancel() }
    while true {
        let seen = withObservationTracking(value) { look.yield(true) }
        if let seen { return seen }
        var hasChanged = false
        for await _ in looks {
            hasChanged = true
            break
        }
        guard hasChanged else { throw Missing("\(what): not within \(patienceSeconds) s, \(location)") }
    }
}

/// Waits until it is so.
@MainActor func until(_ what: String, at location: SourceLocation = #_sourceLocation, isTrue: @escaping @MainActor () -> Bool) async throws
{
    let _: Bool = try await until(what, at: location) { isTrue() ? true : nil }
}

import Foundation
import Testing
import ZoufangClient
import ZoufangStage

@Suite(.timeLimit(.minutes(3))) struct ConflictTests {
    @Test func twoPhonesThatContradictEachOtherAreSeenAndSettled() async throws {
        let stage = try await Stage(homes: 2)
        let (first, second) = (try await Phone.synced(with: stage), try await Phone.synced(with: stage, as: "测试管理员乙"))
        let home = try await first.homes()[0]
        for (phone, number) in [(first, "13800000001"), (second, "13800000002")] {
            _ = try await phone.client.call { try $0.households.edit(id: home.household, changes: [.phone(to: number)]) }
        }
        _ = try await first.client.sync()
        #expect(try await second.client.sync().mergedCount > 0)
        _ = try await first.client.sync()

        for phone in [first, second] {
            let conflicts = try await phone.client.call { try $0.conflicts.list() }
            let conflict = try #require(conflicts.first)
            #expect(conflicts.count == 1 && conflict.kind == .household && conflict.record == home.household && conflict.field == "phone")
            #expect(Set(conflict.sides.map(\.value.text)) == ["13800000001", "13800000002"])
            #expect(Set(conflict.sides.compactMap(\.whoName)) == ["测试管理员甲", "测试管理员乙"])
            #expect(try await phone.status().conflictsCount == 1)
            #expect(try await phone.client.call { try $0.households.find(id: home.household) }.hasConflict)
        }

        try await second.client.call { core in
            let conflict = try core.conflicts.list()[0]
            let chosen = conflict.sides.first { $0.value.text == "13800000001" }!.value.json
            try core.conflicts.settle(kind: conflict.kind, record: conflict.record, field: conflict.field, chosen: .ofSide(json: chosen))
        }
        _ = try await second.client.sync()
        _ = try await first.client.sync()
        for phone in [first, second] {
            #expect(try await phone.client.call { try $0.conflicts.list() }.isEmpty)
            #expect(try await phone.client.call { try $0.households.find(id: home.household) }.phone == "13800000001")
        }
    }
}

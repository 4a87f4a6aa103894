import Foundation
import Testing
import ZoufangClient
import ZoufangDesktop

@Suite(.timeLimit(.minutes(1))) struct PracticeTests {
    @Test func practiceIsItsOwnDatabaseAndIsBegunAnew() async throws {
        let folder = try TemporaryFolder()
        let vault = FileKeyVault(folder.url)
        let practice = try await ZoufangClient.openPractice(in: folder.url, vault: vault)
        let status = try await practice.call { try $0.syncStatus() }
        #expect(status.practice && status.enrolled && status.unsentCount == 0)
        let homes = try await practice.call { try $0.households.list(page: firstPage) }
        #expect(homes.count == 12)
        let (home, fresh) = (homes[5].household, try await visits(practice, homes[5].household))
        _ = try await practice.call { try $0.visits.save(draft: VisitDraft(household: home, mode: .door, outcome: .done, note: "试一试")) }
        #expect(try await visits(practice, home) == fresh + 1)
        #expect(try await practice.call { try $0.syncStatus().unsentCount } == 0)
        await expectRefused("NotHere practice.no_sync: server") { try await practice.sync() }
        try await practice.close()

        let kept = try await ZoufangClient.openPractice(in: folder.url, vault: vault)
        #expect(try await visits(kept, home) == fresh + 1)
        try await kept.close()
        let anew = try await ZoufangClient.restartPractice(in: folder.url, vault: vault)
        #expect(try await visits(anew, home) == fresh)
        try await anew.close()
    }

    @Test func profilesInAFolderAreListedAndPracticeIsNone() async throws {
        let folder = try TemporaryFolder()
        #expect(try await ZoufangClient.profiles(in: folder.url).isEmpty)
        for name in ["p2", nil] {
            let client = try await ZoufangClient.openProfile(in: folder.url, name: name, ports: .desktop(inFolder: folder.url))
            #expect(try await client.call { try $0.profile() } == nil)
            try await client.close()
        }
        try await ZoufangClient.openPractice(in: folder.url, vault: FileKeyVault(folder.url)).close()
        #expect(try await ZoufangClient.profiles(in: folder.url) == [nil, "p2"])
        await expectRefused("MendField input.invalid: profile") {
            try await ZoufangClient.openProfile(in: folder.url, name: "测试", ports: .desktop(inFolder: folder.url))
        }
    }

    private func visits(_ client: ZoufangClient, _ home: HouseholdId) async throws -> Int {
        try await client.call { try $0.visits.ofHousehold(household: home, page: firstPage).count }
    }
}

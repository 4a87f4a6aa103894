import Foundation
import ZoufangClient
import ZoufangDesktop

/// Saves visits to one home after the other, as fast as it goes, until the process is killed.
func saveVisits(in folder: URL) async throws {
    let options = OpenOptions(path: folder.appendingPathComponent("phone.db").path)
    let client = try await ZoufangClient.open(options, ports: .desktop(inFolder: folder))
    let homes = try await client.call { try $0.households.list(page: Page(takeCount: 50)) }
    for number in 0... {
        let home = homes[number % homes.count]
        let draft = VisitDraft(household: home.household, mode: .door, outcome: .done, note: "第\(number)次")
        let saved = try await client.call { try $0.visits.save(draft: draft) }
        say(saved.id.uuidString)
    }
}

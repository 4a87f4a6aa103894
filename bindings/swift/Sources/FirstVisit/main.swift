// The lines of docs/embedding.md, and what runs them: FirstVisit FOLDER TEXT_OF_THE_PICTURE
import Foundation
import ZoufangClient
import ZoufangDesktop

let visit = try await firstVisit(folder: URL(fileURLWithPath: CommandLine.arguments[1]), picture: CommandLine.arguments[2])
print(visit.id)

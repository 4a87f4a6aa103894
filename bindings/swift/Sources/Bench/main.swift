// What it costs to call the core from Swift. One JSON line a case; times in microseconds.
//   Bench                      measures, with the server that ZoufangStage finds
//   Bench first-screen FOLDER  what is timed as a process of its own: opens a profile and lists its first 50 homes

import Foundation
import ZoufangClient

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case (nil, _): try await Bench().run()
    case ("first-screen", 2): try await firstScreen(folder: URL(fileURLWithPath: arguments[1]))
    default: fail("unknown: \(arguments.joined(separator: " ")); see the head of main.swift")
    }
} catch {
    fail("\(error)")
}

func fail(_ why: String) -> Never {
    FileHandle.standardError.write(Data("Bench: \(why)\n".utf8))
    exit(1)
}

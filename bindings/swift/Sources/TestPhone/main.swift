// A phone in a process of its own, for the tests: one that can be killed, started with another library, and measured alone.
//   TestPhone version              the version of the library that is loaded, or exit 1 and why not
//   TestPhone save-visits FOLDER   opens what is enrolled there and saves visits until it is killed; prints the id of each that is saved
//   TestPhone calls FOLDER [leak]  makes many calls there; prints by how much memory grew. With `leak` it lets go of nothing

import Foundation
import ZoufangClient

let arguments = CommandLine.arguments.dropFirst()
do {
    switch (arguments.first, arguments.dropFirst().first) {
    case ("version", nil):
        try requireMatchingLibrary()
        say(coreVersion())
    case ("save-visits", let folder?): try await saveVisits(in: URL(fileURLWithPath: folder))
    case ("calls", let folder?): try await measureCalls(in: URL(fileURLWithPath: folder), leaking: arguments.last == "leak")
    default: fail("unknown: \(arguments.joined(separator: " ")); see the head of main.swift")
    }
} catch {
    fail("\(error)")
}

/// One line, written at once: whoever reads must not wait for a buffer to fill.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

func fail(_ why: String) -> Never {
    FileHandle.standardError.write(Data("TestPhone: \(why)\n".utf8))
    exit(1)
}

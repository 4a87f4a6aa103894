import SwiftUI
import ZoufangCore

/// Calm, and the same teal as the server's pages. White on each of these has a contrast of more than 4.5 to 1.
enum Look {
    static let teal = Color(red: 0x0F / 255, green: 0x5B / 255, blue: 0x58 / 255)
    static let amber = Color(red: 0x7A / 255, green: 0x4B / 255, blue: 0x00 / 255)
    static let red = Color(red: 0xA3 / 255, green: 0x2A / 255, blue: 0x1F / 255)
    /// The least height of what a finger touches.
    static let touchLeast: CGFloat = 48
}

private struct WordsKey: EnvironmentKey {
    static let defaultValue: any Words = wordsOfPhone()
}

extension EnvironmentValues {
    /// What the screens say, in the phone's language.
    var words: any Words {
        get { self[WordsKey.self] }
        set { self[WordsKey.self] = newValue }
    }
}

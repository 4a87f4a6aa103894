import SwiftUI
import ZoufangCore

/// The way back to a server that does not know the phone any more; once it has worked, the digits to compare.
struct RejoinSection: View {
    let model: EnrolModel
    @State private var isScanning = false
    @Environment(\.words) private var words

    var body: some View {
        if let enrolled = model.state.enrolled {
            Section {
                Text(words.rejoined)
                Text(words.digits(enrolled.fingerprint)).font(.largeTitle).bold().foregroundStyle(Look.teal)
                Button(words.understood, action: model.startFirstSync).frame(minHeight: Look.touchLeast)
            }
        } else {
            code
        }
    }

    @ViewBuilder private var code: some View {
        Section(words.rejoinTitle) {
            Text(words.rejoinExplained)
            #if canImport(VisionKit)
            Button(words.scan) { isScanning = true }
                .frame(minHeight: Look.touchLeast)
                .sheet(isPresented: $isScanning) {
                    ScannerScreen { text in
                        isScanning = false
                        model.write(text)
                    }
                }
            PasteButton(payloadType: String.self) { texts in
                if let text = texts.first { model.write(text) }
            }
            #endif
        }
        Writing(title: words.enrolText, text: model.state.text, least: 3, problem: nil, onWrite: model.write)
        Section {
            if let problem = model.state.problem { ProblemCard(problem: problem) }
            MainButton(title: model.state.isBusy ? words.rejoining : words.rejoin, isEnabled: model.state.canEnrol, onTap: model.enrol)
        }
    }
}

/// What became of work in databases that were set aside.
struct TakingUpSection: View {
    let now: TakingUpNow
    let onAgain: @MainActor () -> Void
    let onRead: @MainActor () -> Void
    let onForget: @MainActor () -> Void
    @State private var isAsked = false
    @Environment(\.words) private var words

    var body: some View {
        Section(words.takingUpTitle) {
            if let problem = now.problem {
                ProblemCard(problem: problem)
                Button(words.retry, action: onAgain).frame(minHeight: Look.touchLeast)
            } else if let taken = now.taken {
                ForEach(words.lines(of: taken), id: \.self) { Text($0) }
                Button(words.understood, action: onRead).frame(minHeight: Look.touchLeast)
                if !taken.left.isEmpty {
                    Button(words.forgetAside) { isAsked = true }
                        .frame(minHeight: Look.touchLeast)
                        .asking(
                            words.forgetAside, words.forgetAsideAsked, no: words.back, isAsking: isAsked, onAsk: { isAsked = $0 },
                            onAgree: onForget
                        )
                }
            } else if now.isRunning {
                ProgressView()
                Text(words.takingUpNow)
            } else {
                Text(words.takingUpWaits)
            }
        }
    }
}

import SwiftUI
import ZoufangCore

/// The page for the code; once it has worked, the digits to compare.
struct EnrolScreen: View {
    let model: EnrolModel
    let profiles: ProfilesModel
    @State private var isScanning = false
    @Environment(\.words) private var words

    var body: some View {
        Form {
            if let enrolled = model.state.enrolled {
                compare(enrolled)
            } else {
                code
            }
        }
        .navigationTitle(words.enrolTitle)
        #if canImport(VisionKit)
        .sheet(isPresented: $isScanning) {
            ScannerScreen { text in
                isScanning = false
                model.write(text)
            }
        }
        #endif
    }

    @ViewBuilder private var code: some View {
        if model.state.wasRevoked {
            Section { Text(words.revoked) }
        }
        if model.state.wasSetAside {
            Section { Text(words.enrolSetAside) }
        }
        Section {
            Text(words.enrolExplained)
            #if canImport(VisionKit)
            Button(words.scan) { isScanning = true }.frame(minHeight: Look.touchLeast)
            PasteButton(payloadType: String.self) { texts in
                if let text = texts.first { model.write(text) }
            }
            #endif
        }
        Writing(title: words.enrolText, text: model.state.text, least: 3, problem: nil, onWrite: model.write)
        if let problem = model.state.problem {
            Section { ProblemCard(problem: problem) }
        }
        Section {
            MainButton(title: model.state.isBusy ? words.enrolling : words.enrol, isEnabled: model.state.canEnrol, onTap: model.enrol)
        }
        if model.state.canLeave { Elsewhere(model: profiles) }
    }

    @ViewBuilder private func compare(_ enrolled: Enrolled) -> some View {
        Section {
            Text(words.compareDigits)
            Text(words.digits(enrolled.fingerprint)).font(.largeTitle).bold().foregroundStyle(Look.teal)
        }
        Section(words.whosePhone) { Text(enrolled.staffName) }
        Section(words.areas) {
            ForEach(enrolled.areas, id: \.unit) { Text(words.area($0)) }
        }
        Section { MainButton(title: words.firstSync, onTap: model.startFirstSync) }
    }
}

import SwiftUI
import ZoufangCore

/// A home: who lives there, what was, and what may be begun.
struct HomeScreen: View {
    let model: HomeModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem { ProblemCard(problem: problem, onRead: model.dismissProblem) }
            if let saved = model.state.saved { notice(saved) }
            if let content = model.state.content { all(content) }
        }
        .navigationTitle(model.state.content?.home.addressText ?? "")
        .safeAreaInset(edge: .bottom) {
            if model.state.content != nil {
                HStack {
                    Button(action: model.matter) { Text(words.matter).frame(maxWidth: .infinity, minHeight: Look.touchLeast) }
                        .buttonStyle(.bordered)
                    MainButton(title: words.visit, onTap: model.visit)
                }
                .padding()
                .background(.bar)
            }
        }
    }

    private func notice(_ saved: Saved) -> some View {
        Section {
            switch saved {
            case .visit:
                Text(words.visitSaved).font(.headline)
                Button(words.matterOfVisit, action: model.matter).frame(minHeight: Look.touchLeast)
            case .matter: Text(words.matterSaved).font(.headline)
            }
        }
    }

    @ViewBuilder private func all(_ content: HomeContent) -> some View {
        if !content.drafts.isEmpty {
            Section(words.unfinished) {
                ForEach(content.drafts, id: \.id) { draft in
                    Row(onTap: { model.goOn(draft) }) { DraftLines(draft: draft, home: nil) }
                }
            }
        }
        Section(words.contact) {
            Text(content.home.contact ?? words.noContact)
            if let phone = content.home.phone { Text(phone) }
            Marks(marks: words.marks(of: content.home, isPractice: model.isPractice))
        }
        Section(words.residents) {
            if content.residents.isEmpty { Text(words.none).foregroundStyle(.secondary) }
            ForEach(content.residents, id: \.id) { Text(words.resident($0)) }
        }
        Section(words.matters) {
            if content.matters.isEmpty { Text(words.none).foregroundStyle(.secondary) }
            ForEach(content.matters, id: \.id) { MatterLines(matter: $0, model: model) }
        }
        Section(words.visits) {
            if content.visits.isEmpty { Text(words.none).foregroundStyle(.secondary) }
            ForEach(content.visits, id: \.id) { VisitLines(visit: $0, model: model) }
        }
    }
}

private struct MatterLines: View {
    let matter: MatterView
    let model: HomeModel
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(matter.summary)
            Marks(marks: words.marks(of: matter, isPractice: model.isPractice))
            if matter.answeredAt == nil {
                Text(words.due(words.day(of: matter.due, model.state.now, model.calendar))).font(.footnote).foregroundStyle(.secondary)
            }
        }
    }
}

private struct VisitLines: View {
    let visit: VisitView
    let model: HomeModel
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(words.visit(visit, model.state.now, model.calendar))
            if !visit.note.isEmpty { Text(visit.note).font(.subheadline).foregroundStyle(.secondary) }
            if let given = words.given(on: visit) { Text(given).font(.subheadline).foregroundStyle(.secondary) }
            Marks(marks: words.marks(of: visit.sync, isPractice: model.isPractice))
        }
    }
}

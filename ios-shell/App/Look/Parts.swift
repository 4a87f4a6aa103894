import SwiftUI
import ZoufangCore

/// What went wrong and what to do.
struct ProblemCard: View {
    let problem: Problem
    /// What takes it away, where it stays until a person has read it.
    var onRead: (@MainActor () -> Void)?
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(words.title(of: problem)).font(.headline)
            Text(words.detail(of: problem.message)).font(.subheadline)
        }
        .foregroundStyle(Look.red)
        .accessibilityElement(children: .combine)
        if let onRead { Button(words.understood, action: onRead).frame(minHeight: Look.touchLeast) }
    }
}

/// A line that says what is wrong with the field above.
struct FieldProblem: View {
    let message: Message?
    @Environment(\.words) private var words

    var body: some View {
        if let message {
            Text(words.title(of: message)).font(.subheadline).foregroundStyle(Look.red)
        }
    }
}

/// Marks of one or two words, each with its text: none says anything by its colour alone.
struct Marks: View {
    let marks: [String]

    var body: some View {
        // One text, so that it wraps on a narrow phone with large letters.
        if !marks.isEmpty {
            Text(marks.joined(separator: " · ")).font(.footnote).bold().foregroundStyle(Look.amber)
        }
    }
}

/// One of several, or several of them; the whole line is touched.
struct Choice<Value: Hashable>: View {
    let title: String
    let all: [Value]
    let chosen: [Value]
    let name: (Value) -> String
    let problem: Message?
    let onChoose: @MainActor (Value) -> Void

    var body: some View {
        Section(title) {
            ForEach(all, id: \.self) { value in
                Button {
                    onChoose(value)
                } label: {
                    HStack {
                        Text(name(value)).foregroundStyle(.primary)
                        Spacer()
                        if chosen.contains(value) { Image(systemName: "checkmark").foregroundStyle(Look.teal) }
                    }
                    .frame(minHeight: Look.touchLeast)
                }
                .accessibilityAddTraits(chosen.contains(value) ? .isSelected : [])
            }
            FieldProblem(message: problem)
        }
    }
}

/// A field for a few sentences.
struct Writing: View {
    let title: String
    let text: String
    let least: Int
    let problem: Message?
    let onWrite: @MainActor (String) -> Void

    var body: some View {
        Section(title) {
            TextField(title, text: Binding(get: { text }, set: { onWrite($0) }), axis: .vertical)
                .lineLimit(least...)
                .frame(minHeight: Look.touchLeast)
            FieldProblem(message: problem)
        }
    }
}

/// Below a form: what saves it, clear of what scrolls above.
struct Foot: View {
    let isSaving: Bool
    let onSave: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        VStack(spacing: 4) {
            Text(words.savedAsYouWrite).font(.footnote).foregroundStyle(.secondary)
            MainButton(title: isSaving ? words.saving : words.save, isEnabled: !isSaving, onTap: onSave)
        }
        .padding()
        .background(.bar)
    }
}

/// The one thing to do on a page.
struct MainButton: View {
    let title: String
    var isEnabled = true
    let onTap: @MainActor () -> Void

    var body: some View {
        Button(action: onTap) {
            Text(title).font(.headline).frame(maxWidth: .infinity, minHeight: Look.touchLeast)
        }
        .buttonStyle(.borderedProminent)
        .disabled(!isEnabled)
    }
}

/// Asks before a draft is thrown away.
struct DiscardButton: View {
    let isAsking: Bool
    let onAsk: @MainActor (Bool) -> Void
    let onDiscard: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        Button(words.discard, role: .destructive) { onAsk(true) }
            .frame(minHeight: Look.touchLeast)
            .asking(words.discard, words.discardAsked, isAsking: isAsking, onAsk: onAsk, onAgree: onDiscard)
    }
}

extension View {
    /// Asks once before something is thrown away.
    func asking(
        _ title: String, _ what: String, no: String? = nil, isAsking: Bool, onAsk: @escaping @MainActor (Bool) -> Void,
        onAgree: @escaping @MainActor () -> Void
    ) -> some View {
        modifier(Asking(title: title, what: what, no: no, isAsking: isAsking, onAsk: onAsk, onAgree: onAgree))
    }
}

private struct Asking: ViewModifier {
    let title: String
    let what: String
    let no: String?
    let isAsking: Bool
    let onAsk: @MainActor (Bool) -> Void
    let onAgree: @MainActor () -> Void
    @Environment(\.words) private var words

    func body(content: Content) -> some View {
        content.alert(title, isPresented: Binding(get: { isAsking }, set: { onAsk($0) })) {
            Button(title, role: .destructive, action: onAgree)
            Button(no ?? words.keep, role: .cancel) { onAsk(false) }
        } message: {
            Text(what)
        }
    }
}

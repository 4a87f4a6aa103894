import SwiftUI
import ZoufangCore

/// The list of the day.
struct TodayScreen: View {
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem {
                ProblemCard(problem: problem, onRead: model.dismissProblem)
                if problem.isDamage { Button(words.whatToDo, action: model.openDamage).frame(minHeight: Look.touchLeast) }
            }
            if model.needsRejoining { RejoinSection(model: model.rejoining) }
            if model.takingUp.isWaiting {
                TakingUpSection(
                    now: model.takingUp, onAgain: model.takeUp, onRead: model.acknowledgeTakenUp, onForget: model.forgetSetAside)
            }
            if let found = model.state.found {
                hits(found)
            } else {
                homes
            }
        }
        .navigationTitle(words.today)
        .searchable(text: Binding(get: { model.state.query }, set: { model.search($0) }), prompt: words.search)
        .safeAreaInset(edge: .bottom) { SyncBar(model: model) }
        .toolbar {
            NoticesButton(unreadCount: model.state.unreadCount, onTap: model.openNotices)
            Button(words.others, action: model.openOthers)
        }
    }

    @ViewBuilder private var homes: some View {
        if !model.state.drafts.isEmpty {
            Section(words.unfinished) {
                ForEach(model.state.drafts) { row in
                    Row(onTap: { model.openDraft(row) }) { DraftLines(draft: row.draft, home: row.home) }
                }
            }
        }
        if !model.state.appointments.isEmpty {
            Section(words.appointments) {
                ForEach(model.state.appointmentsOfToday, id: \.id) { appointment in
                    Row(onTap: { model.openAppointment(appointment) }) {
                        AppointmentLines(
                            appointment: appointment, now: model.state.now, calendar: model.calendar, isPractice: model.isPractice)
                    }
                }
                Button(words.allAppointments(model.state.appointments.count), action: model.openAppointments)
                    .frame(minHeight: Look.touchLeast)
            }
        }
        if let due = model.state.due { DueSection(due: due, model: model) }
        if let homes = model.state.homes {
            Section(words.visited(model.state.visitedCount, of: model.state.homesCount)) {
                if homes.isEmpty { Text(words.noHomes) }
                ForEach(homes, id: \.household) { home in
                    Row(onTap: { model.openHome(home) }) { HomeLines(home: home, model: model) }
                }
                if model.state.hasMore {
                    // Drawn when the end of what was read comes into sight.
                    Text(words.more).foregroundStyle(.secondary).onAppear { model.showMore() }.id(homes.count)
                }
            }
        }
    }

    @ViewBuilder private func hits(_ found: SearchView) -> some View {
        if found.hits.isEmpty { Text(words.nothingFound) }
        ForEach(found.hits, id: \.self) { hit in
            Row(onTap: { model.openHit(hit) }) {
                Text(hit.title).font(.headline)
                Text(words.of(.ofRecord(of: hit.kind))).font(.footnote).foregroundStyle(.secondary)
                if hit.excerpt != hit.title { Text(hit.excerpt).font(.subheadline) }
            }
            .disabled(hit.household == nil)
        }
        if !found.isComplete { Text(words.searchAgain).foregroundStyle(.secondary) }
    }
}

/// To the notices, with the number of those that are unread.
private struct NoticesButton: View {
    let unreadCount: UInt32
    let onTap: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        if unreadCount > 0 {
            Button(action: onTap) {
                HStack(spacing: 4) {
                    Text(words.notices)
                    Text("\(unreadCount)").bold().foregroundStyle(Look.amber)
                }
            }
            .accessibilityLabel(words.unreadNotices(unreadCount))
        } else {
            Button(words.notices, action: onTap)
        }
    }
}

/// A line of the list that leads somewhere.
struct Row<Lines: View>: View {
    let onTap: @MainActor () -> Void
    @ViewBuilder let lines: () -> Lines

    var body: some View {
        Button(action: onTap) {
            VStack(alignment: .leading, spacing: 4) { lines() }
                .frame(maxWidth: .infinity, minHeight: Look.touchLeast, alignment: .leading)
                .foregroundStyle(.primary)
        }
    }
}

/// What a draft is of, and what stands in it.
struct DraftLines: View {
    let draft: DraftView
    let home: String?
    @Environment(\.words) private var words

    var body: some View {
        let said = words.draft(draft, at: home)
        Text(said.title).font(.headline)
        if !said.text.isEmpty { Text(said.text).font(.subheadline).lineLimit(2) }
    }
}

/// A home in a list.
struct HomeLines: View {
    let home: HomeView
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        Text(home.addressText).font(.headline)
        if let contact = home.contact { Text(contact).font(.subheadline) }
        Text(words.lastVisit(of: home, model.state.now, model.calendar)).font(.subheadline).foregroundStyle(.secondary)
        Marks(marks: words.marks(of: home, isPractice: model.isPractice))
    }
}

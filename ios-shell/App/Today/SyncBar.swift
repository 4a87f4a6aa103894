import SwiftUI
import ZoufangCore

/// Always in sight: whether the work on this phone has arrived, and if not, why.
struct SyncBar: View {
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        if let status = model.state.status {
            VStack(alignment: .leading, spacing: 4) {
                if status.practice { Text(words.practiceNoSync).font(.subheadline) } else { line(status) }
                if model.state.hasHeld {
                    Button(words.held(of: status), action: model.openHeld).frame(minHeight: Look.touchLeast)
                }
            }
            .padding()
            .frame(maxWidth: .infinity, alignment: .leading)
            .background(.bar)
        }
    }

    @ViewBuilder private func line(_ status: SyncStatus) -> some View {
        HStack {
            standing(status)
            Spacer()
            if model.sync.isRunning {
                Button(words.stop, action: model.cancelSync).buttonStyle(.bordered).frame(minHeight: Look.touchLeast)
            } else {
                Button(words.sync, action: model.startSync).buttonStyle(.borderedProminent).frame(minHeight: Look.touchLeast)
            }
        }
        if model.sync.isRunning { progress }
    }
    private func standing(_ status: SyncStatus) -> some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(words.unsent(of: status, model.state.now)).font(.headline).foregroundStyle(status.unsentCount > 0 ? Look.amber : Look.teal)
            Text(words.lastSuccess(of: status, model.state.now)).font(.footnote).foregroundStyle(.secondary)
            if !status.complete { Text(words.firstSyncIncomplete).font(.footnote).foregroundStyle(Look.amber) }
            if let problem = model.syncProblem { Text(words.said(problem)).font(.footnote).foregroundStyle(Look.red) }
        }
    }
    @ViewBuilder private var progress: some View {
        ProgressView(value: model.sync.progress?.fraction)
        Text(model.sync.progress.map { words.progress($0) } ?? words.syncing).font(.footnote).foregroundStyle(.secondary)
    }
}

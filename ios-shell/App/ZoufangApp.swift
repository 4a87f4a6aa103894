import SwiftUI
import ZoufangCore

#if canImport(UIKit)
@main struct ZoufangApp: App {
    @Environment(\.scenePhase) private var scenePhase
    @State private var phone = RunningPhone()

    var body: some Scene {
        WindowGroup {
            AppScreen(app: phone.app).environment(\.words, phone.words)
        }
        .onChange(of: scenePhase, initial: true) { _, phase in
            switch phase {
            case .active: phone.suspending.changed(to: .inFront)
            case .background:
                phone.suspending.changed(to: .inBackground)
                BackgroundSync.plan()
            default: break
            }
        }
        .backgroundTask(.appRefresh(BackgroundSync.id)) {
            BackgroundSync.plan()
            await phone.owner.syncInBackground()
        }
    }
}

/// What lives as long as the process.
@MainActor final class RunningPhone {
    let owner: ClientOwner
    let app: AppModel
    let suspending: SuspendGuard
    let words: any Words

    init() {
        owner = .ofPhone()
        app = AppModel(owner)
        suspending = SuspendGuard(owner, time: ApplicationTime())
        words = wordsOfPhone()
    }
}
#endif

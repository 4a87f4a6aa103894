// iOS only: nothing here is compiled by `make ios`; what it runs, ClientOwner.syncInBackground, is tested.
#if canImport(BackgroundTasks) && os(iOS)
import BackgroundTasks
import Foundation

/// A sync now and then while nobody looks. Best effort: iOS decides when, and nothing relies on it.
public enum BackgroundSync {
    /// Also named in Info.plist.
    public static let id = "org.zoufang.sync"

    /// Asks for the next one.
    public static func plan() {
        let request = BGAppRefreshTaskRequest(identifier: id)
        request.earliestBeginDate = Date(timeIntervalSinceNow: 15 * 60)
        try? BGTaskScheduler.shared.submit(request)
    }
}
#endif

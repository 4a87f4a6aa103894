// iOS only: nothing here is compiled by `make ios`; the order of calls is tested through SuspendGuard.
#if canImport(UIKit)
import UIKit

/// What UIApplication grants.
@MainActor public final class ApplicationTime: BackgroundTime {
    public init() {}

    public func take(expired: @escaping @MainActor () -> Void) -> @MainActor () -> Void {
        let task = UIApplication.shared.beginBackgroundTask(withName: "org.zoufang.close") {
            MainActor.assumeIsolated(expired)
        }
        return { UIApplication.shared.endBackgroundTask(task) }
    }
}
#endif

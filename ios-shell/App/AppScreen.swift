import SwiftUI
import ZoufangCore

/// The whole app: the first page, and those that lie above it.
struct AppScreen: View {
    @Bindable var app: AppModel

    var body: some View {
        Group {
            switch app.state {
            case .starting: StartScreen(problem: nil, onRetry: app.retry, onToWork: nil)
            case .failed(let problem):
                StartScreen(problem: problem, onRetry: app.retry, onToWork: app.canGoToWork ? app.toWork : nil)
            case .working(let first):
                VStack(spacing: 0) {
                    if app.isPractice { PracticeBanner(app: app) }
                    NavigationStack(path: $app.above) {
                        PageScreen(page: first).navigationDestination(for: AppState.Page.self) { PageScreen(page: $0) }
                    }
                }
            }
        }
        .tint(Look.teal)
    }
}

private struct PageScreen: View {
    let page: AppState.Page

    var body: some View {
        switch page.content {
        case .enrol(let model): EnrolScreen(model: model)
        case .today(let model): TodayScreen(model: model)
        case .places(let model): PlacesScreen(model: model)
        case .held(let model): HeldScreen(state: model.state)
        case .home(let model): HomeScreen(model: model)
        case .visit(let model): VisitScreen(model: model)
        case .matter(let model): MatterScreen(model: model)
        }
    }
}

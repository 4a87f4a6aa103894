import SwiftUI
import ZoufangCore

/// The whole app: the first page, and those that lie above it.
struct AppScreen: View {
    @Bindable var app: AppModel

    var body: some View {
        Group {
            switch app.state {
            case .starting: StartScreen(problem: nil, app: app)
            case .failed(let problem): StartScreen(problem: problem, app: app)
            case .working(let first):
                VStack(spacing: 0) {
                    if app.profiles.state.isPractice { PracticeBanner(model: app.profiles) }
                    NavigationStack(path: $app.above) {
                        PageScreen(page: first, app: app)
                            .navigationDestination(for: AppState.Page.self) { PageScreen(page: $0, app: app) }
                    }
                }
            }
        }
        .tint(Look.teal)
    }
}

private struct PageScreen: View {
    let page: AppState.Page
    let app: AppModel

    var body: some View {
        switch page.content {
        case .enrol(let model): EnrolScreen(model: model, profiles: app.profiles)
        case .today(let model): TodayScreen(model: model)
        case .profiles(let model): ProfilesScreen(model: model)
        case .held(let model): HeldScreen(model: model)
        case .notices(let model): NoticesScreen(model: model)
        case .notice(let model): NoticeScreen(model: model)
        case .appointments(let model): AppointmentsScreen(model: model)
        case .appointment(let model): AppointmentScreen(model: model)
        case .home(let model): HomeScreen(model: model)
        case .visit(let model): VisitScreen(model: model)
        case .matter(let model): MatterScreen(model: model)
        }
    }
}

use super::*;
use proptest::prelude::*;
use zoufang_domain::message::Language;
use zoufang_domain::wire::problem::Problem;

fn problem(id: &str, status: u16) -> Event {
    Event::Failed(ExchangeError::Problem(Box::new(Problem::new(id, status, Language::En))))
}

fn gap(last_counter: u64) -> Event {
    let mut problem = Problem::new("push.gap", 409, Language::En);
    problem.last_counter = Some(last_counter);
    Event::Failed(ExchangeError::Problem(Box::new(problem)))
}

fn in_sync() -> Beginning {
    Beginning { has_session: true, acknowledged: 7, cursor: Some("c7".into()), ..Beginning::default() }
}

fn unsent() -> Beginning {
    Beginning { has_unsent: true, ..in_sync() }
}

fn settled(cursor: &str) -> Settled {
    Settled { cursor: cursor.into(), acknowledged: 7, has_unsent: false, has_lost_areas: false, digests_equal: None }
}

fn push(after: u64) -> Step {
    Step::Push { after, with_token: true }
}

fn pull(cursor: Option<&str>) -> Step {
    Step::Pull { cursor: cursor.map(str::to_owned), digest: false }
}

/// Answers one event after the other and gives the steps.
fn steps(beginning: Beginning, events: Vec<Event>) -> Vec<Step> {
    let mut plan = Plan::new(beginning);
    std::iter::once(Event::Started).chain(events).map(|event| plan.next(event)).collect()
}

#[test]
fn nothing_new_is_one_pull() {
    assert_eq!(steps(in_sync(), vec![Event::LastPage(settled("c7"))]), [pull(Some("c7")), Step::Done]);
}

#[test]
fn unsent_work_goes_up_before_anything_comes_down() {
    let events = vec![
        Event::SignedIn,
        Event::Pushed { acknowledged: 507, more: true },
        Event::Pushed { acknowledged: 600, more: false },
        Event::Page { cursor: "c8".into() },
        Event::LastPage(settled("c9")),
    ];
    let expected = [Step::SignIn, push(7), push(507), pull(Some("c7")), pull(Some("c8")), Step::Done];
    assert_eq!(steps(Beginning { has_session: false, ..unsent() }, events), expected);
}

#[test]
fn an_ended_session_is_renewed_once_and_then_believed_to_be_refused() {
    let expired = || problem("session.expired", 401);
    let taken = steps(unsent(), vec![expired(), Event::SignedIn, expired()]);
    assert_eq!(taken[..3], [push(7), Step::SignIn, push(7)]);
    assert!(matches!(&taken[3], Step::Fail { retry: Retry::BackOff { .. }, .. }), "{:?}", taken[3]);
    let later = vec![expired(), Event::SignedIn, Event::Pushed { acknowledged: 9, more: false }, expired()];
    assert_eq!(steps(unsent(), later).last(), Some(&Step::SignIn), "a session may also end half-way");
}

#[test]
fn a_gap_is_followed_back_but_not_for_ever() {
    assert_eq!(steps(unsent(), vec![gap(3)]), [push(7), push(3)]);
    for events in [vec![gap(7)], vec![gap(9)], vec![gap(3), gap(2), gap(1)]] {
        assert!(matches!(steps(unsent(), events).last(), Some(Step::Fail { retry: Retry::Periodic, .. })));
    }
}

#[test]
fn a_revoked_phone_sends_its_work_without_a_token_and_is_then_wiped() {
    let events = vec![
        problem("device.revoked", 403),
        Event::Pushed { acknowledged: 507, more: true },
        Event::Pushed { acknowledged: 510, more: false },
        Event::Wiped,
    ];
    let without = |after| Step::Push { after, with_token: false };
    assert_eq!(steps(unsent(), events), [push(7), without(7), without(507), Step::Wipe, Step::Done]);
    let empty = vec![problem("device.revoked", 403), Event::NothingToPush];
    assert_eq!(steps(in_sync(), empty), [pull(Some("c7")), without(7), Step::Wipe]);
    let known = Beginning { is_revoked: true, has_session: false, ..unsent() };
    assert_eq!(steps(known, vec![]), [without(7)]);
}

#[test]
fn a_revoked_phone_whose_work_cannot_go_up_is_not_wiped() {
    for failure in [Event::Failed(ExchangeError::Unreachable("timeout".into())), problem("device.revoked", 403)] {
        let taken = steps(unsent(), vec![problem("device.revoked", 403), failure]);
        assert!(matches!(taken.last(), Some(Step::Fail { .. })), "{taken:?}");
    }
}

#[test]
fn a_clone_and_an_old_app_stop_until_a_person_acts() {
    for id in ["device.forked", "device.suspended", "protocol.too_old", "session.signature"] {
        let taken = steps(unsent(), vec![problem(id, 403)]);
        assert!(matches!(&taken[1], Step::Fail { retry: Retry::Periodic, .. }), "{id}");
    }
}

#[test]
fn a_refused_cursor_is_dropped_once() {
    let refused = || problem("pull.cursor", 400);
    assert_eq!(steps(in_sync(), vec![refused()]), [pull(Some("c7")), pull(None)]);
    let again = vec![refused(), Event::Page { cursor: "x".into() }, refused()];
    assert!(matches!(steps(in_sync(), again).last(), Some(Step::Fail { .. })));
}

#[test]
fn a_server_from_a_backup_is_offered_everything_again() {
    let events = vec![
        Event::NewEpoch { cursor: "e2".into(), acknowledged: 0 },
        Event::Pushed { acknowledged: 7, more: false },
        Event::LastPage(settled("e3")),
    ];
    assert_eq!(steps(in_sync(), events), [pull(Some("c7")), push(0), pull(Some("e2")), Step::Done]);
}

#[test]
fn different_digests_pull_everything_once_more() {
    let unequal = || Event::LastPage(Settled { digests_equal: Some(false), ..settled("c8") });
    let from_start = Step::Pull { cursor: None, digest: true };
    assert_eq!(steps(in_sync(), vec![unequal(), unequal()]), [pull(Some("c7")), from_start, Step::Done]);
}

#[test]
fn a_lost_area_is_drained_and_then_erased() {
    let lost = |has_unsent| Event::LastPage(Settled { has_lost_areas: true, has_unsent, ..settled("c8") });
    assert_eq!(
        steps(in_sync(), vec![lost(false), Event::Erased]),
        [pull(Some("c7")), Step::EraseLostAreas, Step::Done]
    );
    let drained = vec![lost(true), Event::Pushed { acknowledged: 8, more: false }, lost(false)];
    assert_eq!(steps(in_sync(), drained), [pull(Some("c7")), push(7), pull(Some("c8")), Step::EraseLostAreas]);
    let busy = vec![lost(true), Event::Pushed { acknowledged: 8, more: false }, lost(true)];
    assert_eq!(steps(in_sync(), busy).last(), Some(&Step::Done), "nothing is erased while work is unsent");
}

#[test]
fn answers_that_lead_nowhere_end_the_sync() {
    for (beginning, event) in
        [(unsent(), Event::Pushed { acknowledged: 7, more: true }), (in_sync(), Event::Page { cursor: "c7".into() })]
    {
        let taken = steps(beginning, vec![event]);
        assert!(matches!(&taken[1], Step::Fail { error: ExchangeError::NotZoufang(_), .. }), "{taken:?}");
    }
}

#[test]
fn retry_after_is_handed_on() {
    let mut busy = Problem::new("server.busy", 503, Language::En);
    busy.retry_after_s = Some(90);
    let taken = steps(in_sync(), vec![Event::Failed(ExchangeError::Problem(Box::new(busy)))]);
    assert!(matches!(taken[1], Step::Fail { retry: Retry::BackOff { at_least_s: Some(90) }, .. }));
}

/// Whatever a server may answer to a step.
fn answer(step: &Step, dice: (u8, u64)) -> Event {
    let (kind, number) = dice;
    let ids = [
        "session.expired",
        "device.revoked",
        "device.forked",
        "pull.cursor",
        "server.busy",
        "protocol.too_old",
        "unexpected",
    ];
    match (step, kind % 16) {
        // These two do not ask the server.
        (Step::EraseLostAreas, _) => Event::Erased,
        (Step::Wipe, _) => Event::Wiped,
        (_, 0) => Event::Failed(ExchangeError::Unreachable("cut".into())),
        (_, 1..=3) => problem(ids[number as usize % ids.len()], 400),
        (_, 4) => gap(number % 600),
        (Step::SignIn, _) => Event::SignedIn,
        (Step::Push { .. }, 5) => Event::NothingToPush,
        (Step::Push { after, .. }, _) => {
            Event::Pushed { acknowledged: after.saturating_add(number % 3), more: kind > 100 }
        }
        (Step::Pull { .. }, 5..=9) => Event::Page { cursor: format!("c{}", number % 4) },
        (Step::Pull { .. }, 10..=11) => Event::NewEpoch { cursor: format!("e{number}"), acknowledged: number % 5 },
        (Step::Pull { .. }, _) => Event::LastPage(Settled {
            cursor: "last".into(),
            acknowledged: number % 5,
            has_unsent: number & 1 == 1,
            has_lost_areas: number & 2 == 2,
            digests_equal: [None, Some(true), Some(false)][number as usize % 3],
        }),
        (Step::Done | Step::Fail { .. }, _) => Event::Started,
    }
}

proptest! {
    /// No answers keep a sync going for ever, it ends in `Done` or `Fail`, and only a drained revoked phone is wiped.
    #[test]
    fn every_sync_ends(
        has_session: bool, has_unsent: bool, is_revoked: bool, digest: bool,
        dice in proptest::collection::vec(any::<(u8, u64)>(), 1..60),
    ) {
        let beginning = Beginning { has_session, has_unsent, is_revoked, digest, ..in_sync() };
        let mut plan = Plan::new(beginning);
        let mut step = plan.next(Event::Started);
        for (count, dice) in (1..).zip(dice.iter().cycle()) {
            if matches!(step, Step::Done | Step::Fail { .. }) {
                break;
            }
            prop_assert!(count <= STEPS_MAX_COUNT + 1);
            let event = answer(&step, *dice);
            let drained = matches!(event, Event::NothingToPush | Event::Pushed { more: false, .. }) || !has_unsent && is_revoked;
            let revoked_before = plan.is_revoked();
            step = plan.next(event);
            prop_assert!(step != Step::Wipe || (revoked_before && drained), "wiped without draining");
        }
        prop_assert!(matches!(plan.next(Event::Started), Step::Fail { .. }), "an ended sync stays ended");
    }

    /// A server that always has more is left in the end.
    #[test]
    fn endless_pages_end(start in any::<u64>()) {
        let mut plan = Plan::new(in_sync());
        plan.next(Event::Started);
        let ended = (0..=u64::from(STEPS_MAX_COUNT)).any(|page| {
            let step = plan.next(Event::Page { cursor: format!("{start}-{page}") });
            matches!(step, Step::Fail { .. })
        });
        prop_assert!(ended);
    }
}

use super::*;

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A manual clock, what it showed first, and a way to read it.
fn clock() -> (Clock, Moment) {
    let clock = Clock::manual();
    let start = clock.now();
    (clock, start)
}

#[test]
fn undisturbed_clocks_agree_on_what_passed() {
    let (clock, start) = clock();
    clock.advance(seconds(90));
    let now = clock.now();
    assert_eq!(start.elapsed_at_most(&now), seconds(90));
    assert_eq!(start.elapsed_at_least(&now), seconds(90));
    assert!(start.clocks_agree(&now));
    assert_eq!(start.plus(seconds(90)), now);
}

#[test]
fn a_clone_shows_the_same_time() {
    let (clock, start) = clock();
    clock.clone().advance(seconds(1));
    assert_eq!(clock.now(), start.plus(seconds(1)));
}

#[test]
fn a_laptop_slept_and_its_clock_did_not_count_it() {
    // Only where there is no boot-time clock: the monotonic one stood still for an hour.
    let (clock, start) = clock();
    clock.advance(seconds(10));
    clock.set_wall(clock.now().wall + seconds(3_600));
    let now = clock.now();
    assert_eq!(start.elapsed_at_most(&now), seconds(3_610));
    assert_eq!(start.elapsed_at_least(&now), seconds(10));
    assert!(!start.clocks_agree(&now));
}

#[test]
fn a_wall_clock_set_back_hides_nothing_from_a_deadline() {
    let (clock, start) = clock();
    clock.advance(seconds(600));
    clock.set_wall(start.wall - seconds(3_600));
    let now = clock.now();
    assert_eq!(start.elapsed_at_most(&now), seconds(600));
    assert_eq!(start.elapsed_at_least(&now), Duration::ZERO);
    assert!(!start.clocks_agree(&now));
}

#[test]
fn a_second_of_drift_is_no_disagreement() {
    let (clock, start) = clock();
    clock.advance(seconds(10));
    clock.set_wall(clock.now().wall - seconds(1));
    assert!(start.clocks_agree(&clock.now()));
    clock.set_wall(clock.now().wall - seconds(2));
    assert!(!start.clocks_agree(&clock.now()));
    clock.set_wall(start.wall - Duration::from_millis(5));
    assert!(start.clocks_agree(&Moment {
        boot: start.boot,
        ..clock.now()
    }));
}

#[test]
fn after_a_reboot_only_the_wall_clock_and_the_uptime_are_left() {
    let (clock, start) = clock();
    clock.advance(seconds(300));
    clock.reboot();
    clock.advance(seconds(60));
    let now = clock.now();
    assert_eq!(start.elapsed_at_most(&now), seconds(360));
    assert_eq!(start.elapsed_at_least(&now), seconds(60));
    assert!(!start.clocks_agree(&now));
}

#[test]
fn after_a_reboot_a_wall_clock_that_cannot_be_right_is_not_believed() {
    let (clock, start) = clock();
    clock.reboot();
    clock.advance(seconds(600));
    clock.set_wall(start.wall + seconds(60));
    let contradicted = clock.now();
    assert_eq!(start.elapsed_at_most(&contradicted), Duration::MAX);
    assert_eq!(start.elapsed_at_least(&contradicted), seconds(60));
    clock.set_wall(start.wall - seconds(60));
    let gone_back = clock.now();
    assert_eq!(start.elapsed_at_most(&gone_back), Duration::MAX);
    assert_eq!(start.elapsed_at_least(&gone_back), Duration::ZERO);
}

#[test]
fn a_boot_clock_that_went_back_tells_of_a_reboot_where_boots_have_no_id() {
    let unknown = BootId::default();
    let (clock, start) = clock();
    clock.advance(seconds(500));
    let start = Moment {
        boot_id: unknown,
        ..start
    };
    let now = Moment {
        boot: seconds(20),
        boot_id: unknown,
        ..clock.now()
    };
    assert_eq!(start.elapsed_at_most(&now), seconds(500));
    assert_eq!(start.elapsed_at_least(&now), seconds(20));
    assert!(!start.clocks_agree(&now));
}

#[test]
fn the_ends_of_time_overflow_nothing() {
    let (_, start) = clock();
    let end = start.plus(Duration::MAX);
    assert_eq!(end.wall, Timestamp::MAX);
    assert_eq!(start.elapsed_at_least(&start), Duration::ZERO);
    assert!(start.elapsed_at_most(&end) > seconds(1));
    assert!(!start.clocks_agree(&end));
}

#[test]
fn a_moment_read_back_is_the_moment_written() {
    for clock in [Clock::manual(), Clock::system()] {
        let now = clock.now();
        let text = serde_json::to_string(&now).unwrap();
        assert_eq!(
            serde_json::from_str::<Moment>(&text).unwrap(),
            now,
            "{text}"
        );
    }
    let text = serde_json::to_string(&Clock::manual().now()).unwrap();
    assert_eq!(
        text,
        r#"{"wall":"2026-01-01T00:00:00Z","boot_ms":3600000,"boot_id":"00000000000000000000000000000001"}"#
    );
}

#[test]
fn the_machine_has_clocks() {
    let clock = Clock::system();
    let (first, second) = (clock.now(), clock.now());
    assert!(first.boot > Duration::ZERO);
    assert!(first.clocks_agree(&second));
    clock.advance(seconds(3_600));
    assert!(first.elapsed_at_most(&clock.now()) < seconds(3_600));
    assert_ne!(first.boot_id, BootId::default());
    // Another process finds the same start.
    let another = Clock::system().now();
    assert!(first.clocks_agree(&another));
}

#[test]
fn starts_without_a_name_are_told_apart_by_their_time() {
    let (_, start) = clock();
    let at = |wall: i64, boot: u64| {
        let wall = start.wall + SignedDuration::from_secs(wall);
        let boot = seconds(boot);
        let boot_id = BootId::started(wall, boot);
        Moment {
            wall,
            boot,
            boot_id,
        }
    };
    let first = at(0, 100);
    assert_ne!(first.boot_id, BootId::default());
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), first);
    // The next process, an hour later: the clocks drifted by a second.
    let next = at(3_601, 3_700);
    assert_eq!(first.elapsed_at_most(&next), seconds(3_601));
    assert_eq!(first.elapsed_at_least(&next), seconds(3_600));
    assert!(first.clocks_agree(&next));
    // Started anew ten minutes before, when the wall clock was put back by an hour: the uptime alone
    // would tell of five minutes.
    let anew = at(-2_400, 400);
    assert_eq!(first.elapsed_at_most(&anew), Duration::MAX);
    assert_eq!(first.elapsed_at_least(&anew), Duration::ZERO);
    // A clock that is set while a process runs changes nothing of what it found.
    let set = Moment {
        wall: first.wall - seconds(3_600),
        boot: first.boot + seconds(60),
        ..first
    };
    assert_eq!(first.elapsed_at_most(&set), seconds(60));
}

#[test]
fn the_longest_time_is_found() {
    for nanos in [0, 1, 3_600_000_000_001, u64::MAX] {
        let limit = Duration::from_nanos(nanos);
        assert_eq!(longest(|time| time <= limit), limit);
    }
}

#[test]
fn boot_ids() {
    let id = BootId::new("6f9619ff-8b86-d011-b42d-00cf4fc964ff\n");
    assert_eq!(id.to_string(), "6f9619ff8b86d011b42d00cf4fc964ff");
    assert_eq!(BootId::new(&id.to_string()), id);
    assert_eq!(BootId::new("garbage").to_string(), "");
}

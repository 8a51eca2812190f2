//! The generator against its own baseline: it sees all that arrives, and misses what does not.

use load::publish::Plan;
use load::scenario::steady::{self, Load};
use load::scenario::{burst, restart};
use load::stage::{Program, Redis};
use std::time::Duration;

fn bare() -> Program {
    Program::Bare(env!("CARGO_BIN_EXE_stream-load").into())
}

#[test]
fn all_messages_reach_all_streams_once_and_in_order() {
    let redis = Redis::start().expect("redis-server is installed; `.ci/setup test` installs it");
    let plan = Plan {
        burst: 3,
        every: Duration::from_millis(20),
        bytes: 500,
    };
    let load = Load {
        streams: 20,
        plan,
        messages: 100,
    };
    let measured = steady::of_program(&bare(), redis.address(), load).expect("a measurement");
    assert_eq!((measured.expected, measured.delivered), (2000, 2000));
    assert_eq!(
        (measured.out_of_order, measured.twice, measured.interrupted),
        (0, 0, 0)
    );
    assert!(
        measured.p50_ms > 0.0
            && measured.p50_ms <= measured.p99_ms
            && measured.p99_ms <= measured.max_ms
    );
    assert!(measured.bytes_per_delivery > 500.0, "{measured:?}");
    assert_eq!(measured.events_per_delivery, 1.0);
}

#[test]
fn results_are_counted_from_the_stream() {
    let redis = Redis::start().expect("redis-server is installed; `.ci/setup test` installs it");
    let results = burst::results(&bare(), redis.address(), 3, 200).expect("a measurement");
    assert_eq!(results.counted, 200);
    assert_eq!(results.frames, 200.0);
}

/// The baseline's snapshot holds nothing: what was published before a stream is back is lost to it,
/// and must be seen to be.
#[test]
#[ignore = "takes 14 s"]
fn what_a_restarted_server_does_not_tell_is_missing() {
    let redis = Redis::start().expect("redis-server is installed; `.ci/setup test` installs it");
    let came =
        restart::run(&bare(), redis.address(), 20, Plan::steady(20.0, 500)).expect("a measurement");
    assert_eq!(came.back, 20);
    assert!(came.heard > 0 && came.missing > 0, "{came:?}");
    assert_eq!((came.twice, came.out_of_order), (0, 0), "{came:?}");
    assert!(
        came.all_back_s >= came.half_back_s && came.all_back_s > 0.0,
        "{came:?}"
    );
}

//! `console-soak`: breaks everything around two consoles at random, and checks that they never tell
//! anything but the truth.
//!
//! It starts a Redis, the simulated TickStockPL and two consoles, with clients that follow
//! `/api/events` and apply every step as a browser does; first with an SQLite file for each
//! console, then with both on one PostgreSQL. A round lasts about ten seconds: Redis, the simulator
//! and the consoles are killed, terminated, or stopped and continued; Redis closes its subscribers'
//! connections; runs are started, cancelled, repeated and retried over either console's REST API,
//! and the same Idempotency-Key is used again, also on both at once; messages come twice, too late,
//! malformed, or of runs that nobody knows. Then everything is resumed, and within 15 s both
//! consoles' status, snapshot, history, run pages and badge must agree with the simulator's own
//! truth (`GET /simulator/truth`), every client's state with its console's at the same step, and no
//! key may have started two runs. Views that a console answers from what it knows are looked at
//! before those for which it asks TickStockPL, which would mend them. A run that was active when
//! the simulator was killed has failed.
//!
//! The first difference ends it, with the truth, what was said, the seed, the last actions and the
//! ends of the logs. The same seed draws the same actions; what they meet depends on the machine's
//! timing, so a difference may need some repetitions.
//!
//! | variable | default | |
//! |---|---|---|
//! | `SOAK_SECONDS` | 600 | how long, shared by the databases |
//! | `SOAK_SEED` | the clock | printed at the beginning |
//! | `SOAK_DATABASE` | `both` | `sqlite`, `postgres` or `both` |
//! | `SOAK_FAULTS` | 1 | 0: only commands, and clients that come back |
//! | `SOAK_KEEP_GOING` | 0 | 1: continues after a difference, to list more than one |
//!
//! It exits with 0 when all quiet points agreed, 1 after a difference, 2 where it cannot run, 130
//! when it is told to stop; in each case everything that it started is ended and removed.

mod client;
mod commands;
mod judge;
mod plan;
mod postgres;
mod program;
mod settings;
mod soak;
mod stage;
mod strays;
mod stream;
mod truth;

use settings::Settings;
use soak::Score;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How much longer than it was told a soak may take, for starting, the last round and its quiet
/// point.
const OVERTIME: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match Settings::parse(|name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(problem) => return cannot_run(&problem),
    };
    let mut signals = match signals() {
        Ok(signals) => signals,
        Err(error) => return cannot_run(&format!("cannot listen to signals: {error}")),
    };
    let [interrupt, terminate, hangup] = &mut signals;
    // What a dropped soak has started ends with it.
    tokio::select! {
        code = soak(&settings) => code,
        _ = interrupt.recv() => stopped(),
        _ = terminate.recv() => stopped(),
        _ = hangup.recv() => stopped(),
        () = tokio::time::sleep(settings.time + OVERTIME) => {
            say(&format!("failed: it did not end in time; seed {}", settings.seed));
            ExitCode::FAILURE
        }
    }
}

async fn soak(settings: &Settings) -> ExitCode {
    let databases = settings
        .databases
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" and ");
    let faults = if settings.faults {
        "with faults"
    } else {
        "without faults"
    };
    say(&format!(
        "soak: seed {}, {} s on {databases}, {faults}",
        settings.seed,
        settings.time.as_secs()
    ));
    let mut sum = Score::default();
    for database in &settings.databases {
        let time = settings.time / settings.databases.len() as u32;
        match soak::run(settings, *database, time).await {
            Ok(score) => {
                sum.passed += score.passed;
                sum.failed += score.failed;
            }
            Err(problem) => return cannot_run(&problem),
        }
        if sum.failed > 0 && !settings.keep_going {
            break;
        }
    }
    say(&format!(
        "seed {}: {} passed, {} failed",
        settings.seed, sum.passed, sum.failed
    ));
    if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn cannot_run(problem: &str) -> ExitCode {
    eprintln!("console-soak: {problem}");
    ExitCode::from(2)
}

/// From now on these signals do not end the process by themselves.
fn signals() -> io::Result<[Signal; 3]> {
    Ok([
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    ])
}

fn stopped() -> ExitCode {
    say("stopped");
    ExitCode::from(130)
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "what a soak finds is its output")]
fn say(line: &str) {
    println!("{line}");
}

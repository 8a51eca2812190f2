//! 100,000 runs: any page of the history comes within 20 ms. Takes a while; run with `--ignored`.

use crate::both;
use crate::support::Place;
use crate::support::runs::*;
use contract::Timestamp;
use model::RunStatus;
use std::time::{Duration, Instant};
use store::{Cursor, HistoryFilter, Options, Record, Writer};
use tokio_util::sync::CancellationToken;

both! {
    #[ignore = "fills a database with 100,000 runs"]
    any_page_of_100_000_runs_comes_within_20_ms,
    #[ignore = "only says how long things take"]
    how_long_writing_takes,
}

/// Rows as years of hourly runs would leave them; `{n}` is a number from 1 to 100,000.
const ROWS: &str = "
    INSERT INTO processing_runs (run_id, trigger_type, status, started_at, duration_seconds, symbols_processed)
        SELECT 'run-' || n, 'manual', 'success', {started}, 600, 500 FROM numbers;
    INSERT INTO console_runs (run_key, run_id, sort_us, status, trigger_type, universes, started_at, ended_at,
        duration_seconds, symbols_total, processed, failed, indicators, patterns, message, comparable, origin, search, saved_at)
    SELECT 'run-' || n, 'run-' || n, (1600000000 + n * 1800) * 1000000,
        CASE WHEN n % 50 = 0 THEN 'failed' WHEN n % 20 = 0 THEN 'succeeded_with_warnings' ELSE 'succeeded' END,
        CASE WHEN n % 10 = 0 THEN 'manual' ELSE 'automatic' END,
        CASE WHEN n % 3 = 0 THEN {nasdaq} ELSE {sp500} END, (1600000000 + n * 1800) * 1000,
        (1600000600 + n * 1800) * 1000, 600, 500, 500, 0, 7575, 12,
        CASE WHEN n % 50 = 0 THEN 'the provider did not answer within thirty seconds, three times' END, 1, 'console',
        'run-' || n || ' automatic sp500 ' || CASE WHEN n % 50 = 0 THEN 'the provider did not answer within thirty seconds'
        ELSE '' END, 0 FROM numbers;
    INSERT INTO console_run_details (run_key, heard_at, run) SELECT 'run-' || n, n, {details} FROM numbers;
    INSERT INTO console_phases (run_key, phase, status, seconds)
        SELECT 'run-' || n, phase, 'done', 150 FROM numbers, ({phases}) names;";

const PHASES: &str = "SELECT 'import' AS phase UNION SELECT 'cache_sync' UNION SELECT 'indicators' UNION SELECT 'patterns'";

async fn any_page_of_100_000_runs_comes_within_20_ms(place: Place) {
    let store = place.open().await;
    let rows = if place.is_sqlite() {
        let numbers = "CREATE TEMP TABLE numbers AS WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 100000) SELECT n FROM up;";
        let started = "datetime(1600000000 + n * 1800, 'unixepoch')";
        format!(
            "{numbers} BEGIN; {}; COMMIT; ANALYZE;",
            ROWS.replace("{started}", started)
        )
        .replace("{nasdaq}", "char(10) || 'nasdaq' || char(10)")
        .replace("{sp500}", "char(10) || 'sp500' || char(10)")
        .replace("{details}", "hex(zeroblob(1000))")
        .replace("{phases}", PHASES)
    } else {
        let numbers =
            "CREATE TEMP TABLE numbers AS SELECT n::BIGINT FROM generate_series(1, 100000) n;";
        let started = "TIMESTAMP 'epoch' + (1600000000 + n * 1800) * INTERVAL '1 second'";
        format!("{numbers} {}; ANALYZE;", ROWS.replace("{started}", started))
            .replace("{nasdaq}", "E'\\nnasdaq\\n'")
            .replace("{sp500}", "E'\\nsp500\\n'")
            .replace("{details}", "repeat('0', 2000)")
            .replace("{phases}", PHASES)
    };
    place.sql(&rows).await;
    let none = HistoryFilter::default();
    let text = |text: &str| HistoryFilter {
        text: Some(text.to_owned()),
        ..none.clone()
    };
    let at = |n: i64| (1_600_000_000 + n * 1800) * 1_000;
    let since = HistoryFilter {
        since: Some(Timestamp(at(99_000))),
        ..none.clone()
    };
    let mut slowest = Duration::ZERO;
    for (what, filter) in [
        ("all", none.clone()),
        ("of the last three weeks", since.clone()),
        (
            "failed",
            HistoryFilter {
                status: Some(RunStatus::Failed),
                ..none.clone()
            },
        ),
        (
            "lost, which none is",
            HistoryFilter {
                status: Some(RunStatus::Lost),
                ..none.clone()
            },
        ),
        (
            "manual",
            HistoryFilter {
                trigger: Some("manual".to_owned()),
                ..none.clone()
            },
        ),
        (
            "of nasdaq",
            HistoryFilter {
                universe: Some("nasdaq".to_owned()),
                ..none.clone()
            },
        ),
        (
            "of no universe",
            HistoryFilter {
                universe: Some("nyse".to_owned()),
                ..none.clone()
            },
        ),
        ("with a text in many", text("provider")),
        ("with a text in one", text("run-4711 ")),
        ("with a text in none", text("nowhere")),
        (
            "with a text in none, of three weeks",
            HistoryFilter {
                text: Some("nowhere".to_owned()),
                ..since
            },
        ),
    ] {
        for (place, n) in [("first", 200_000), ("middle", 50_000), ("last", 20)] {
            let cursor: Cursor = format!("{}.run-{n}", at(n) * 1_000).parse().unwrap();
            let after = (place != "first").then_some(&cursor);
            let mut times = Vec::new();
            for _ in 0..15 {
                let began = Instant::now();
                store.history(&filter, after, 50).await.unwrap();
                times.push(began.elapsed());
            }
            times.sort();
            let (median, worst) = (times[7], times[13]);
            eprintln!(
                "{:?} {what}, {place} page: median {median:.1?}, 14 of 15 within {worst:.1?}",
                store.engine()
            );
            slowest = slowest.max(worst);
        }
    }
    let mut times = Vec::new();
    for _ in 0..15 {
        let began = Instant::now();
        let samples = store.run_samples(&["sp500".to_owned()]).await.unwrap();
        times.push(began.elapsed());
        assert_eq!(samples.len(), store::limits::SAMPLES);
    }
    times.sort();
    eprintln!(
        "{:?} durations for baselines: median {:.1?}, 14 of 15 within {:.1?}",
        store.engine(),
        times[7],
        times[13]
    );
    slowest = slowest.max(times[13]);
    let began = Instant::now();
    place.open().await;
    eprintln!(
        "{:?} opened again in {:.1?}",
        store.engine(),
        began.elapsed()
    );
    assert!(
        slowest < Duration::from_millis(20),
        "a page took {slowest:?}"
    );
}

async fn how_long_writing_takes(place: Place) {
    let store = place.open().await;
    let middle = |mut times: Vec<Duration>| {
        times.sort();
        (times[times.len() / 2], times[times.len() - 1])
    };
    let mut times = Vec::new();
    for n in 0..50 {
        let began = Instant::now();
        store
            .write(&[record(active(&format!("a{n}"), n, 50.0))])
            .await
            .unwrap();
        times.push(began.elapsed());
    }
    eprintln!(
        "{:?} a run's progress: median and most {:.1?}",
        store.engine(),
        middle(times)
    );
    let mut times = Vec::new();
    for n in 0..50 {
        let mut run = full(&format!("r{n}"), n);
        run.failed_symbols = (0..500)
            .map(|n| failure(symbol(&format!("S{n}")), Some("no data")))
            .collect();
        let began = Instant::now();
        store.write(&[record(run)]).await.unwrap();
        times.push(began.elapsed());
    }
    eprintln!(
        "{:?} a run's end with 500 failed symbols: {:.1?}",
        store.engine(),
        middle(times)
    );
    let shutdown = CancellationToken::new();
    let options = Options {
        spool_folder: Some(place.folder.0.clone()),
        ..Options::default()
    };
    let writer = Writer::start(place.database(), options, shutdown.clone());
    writer.opened(Duration::from_secs(10)).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        writer
            .record(Record::Audit(audit("ann", "trigger")))
            .await
            .unwrap();
        times.push(began.elapsed());
    }
    eprintln!(
        "{:?} an audit entry until it is on the disk: {:.1?}",
        store.engine(),
        middle(times)
    );
    shutdown.cancel();
    writer.ended().await;
}

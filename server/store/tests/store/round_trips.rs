//! What is written comes back as it was.

use crate::both;
use crate::support::Place;
use crate::support::runs::*;
use contract::{Phase, Timestamp};
use futures_util::TryStreamExt;
use model::{RunStatus, State};
use std::sync::Arc;
use store::{
    Acknowledgement, AuditFilter, ErrorFilter, Export, Format, HistoryFilter, LastState, Record,
    Setting, StoredAnswer,
};

both! {
    a_run_comes_back_whole,
    a_run_that_ended_is_not_revived,
    a_run_that_tickstockpl_says_goes_on_is_active_again,
    a_run_started_again_under_its_id_keeps_nothing_of_before,
    a_corrected_run_keeps_no_stale_message,
    every_outcome_is_read_back_also_from_the_old_table,
    an_idle_console_was_alive_until_it_last_heard,
    the_old_code_reads_what_it_knows,
    a_summary_fills_gaps_and_takes_nothing_away,
    the_audit_only_grows,
    small_things_come_back,
    events_are_paged_in_their_order_and_shortened,
    the_state_comes_back_with_the_newest_run,
    a_run_that_the_state_does_not_know_is_followed_while_its_row_is_active,
    baselines_come_from_comparable_runs_only,
    samples_are_the_newest_runs_of_their_universes,
    one_symbol_of_a_run,
    errors_are_paged_and_filtered,
    everything_is_written_out,
    too_much_is_pruned_but_never_a_run_or_the_audit,
}

async fn a_run_comes_back_whole(place: Place) {
    let store = place.open().await;
    let run = full("run-1", 0);
    for _ in 0..2 {
        store
            .write(&[
                record(run.clone()),
                Record::Errors(Box::new(errors("run-1", "slow", 3))),
            ])
            .await
            .unwrap();
    }
    let found = store.run(&id("run-1")).await.unwrap().unwrap();
    assert_eq!(found.run.as_deref(), Some(&run));
    assert_eq!(found.summary, line_of(&run));
    assert_eq!(found.summary.universes, ["sp500"]);
    assert_eq!(found.phases.len(), 4);
    assert_eq!(
        found
            .phases
            .iter()
            .map(|phase| phase.seconds)
            .collect::<Vec<_>>(),
        [300.0, 60.0, 180.0, 60.0].map(Some)
    );
    assert_eq!(found.failed_symbols, run.failed_symbols);
    assert_eq!(found.errors[0], errors("run-1", "slow", 3));
    let counts: Vec<_> = found
        .aggregates
        .iter()
        .map(|a| (a.name.as_str(), a.count, a.day.as_str()))
        .collect();
    assert_eq!(
        counts,
        [
            ("RSI", 7_000, "2025-01-27"),
            ("MACD", 575, "2025-01-27"),
            ("Doji", 2, "2025-01-27")
        ]
    );
    assert_eq!(store.aggregates("2025-01-01").await.unwrap().len(), 3);
    assert_eq!(store.run(&id("run-2")).await.unwrap(), None);
}

async fn a_run_that_ended_is_not_revived(place: Place) {
    let store = place.open().await;
    store.write(&[record(active("r", 0, 50.0))]).await.unwrap();
    store
        .write(&[record(run("r", RunStatus::Failed, 0))])
        .await
        .unwrap();
    store.write(&[record(active("r", 0, 60.0))]).await.unwrap();
    let found = store.run(&id("r")).await.unwrap().unwrap();
    assert_eq!(found.summary.status, RunStatus::Failed);
    assert_eq!(found.run.unwrap().status, RunStatus::Failed);
    assert_eq!(
        place
            .text("SELECT status FROM processing_runs")
            .await
            .as_deref(),
        Some("failed")
    );
}

async fn the_old_code_reads_what_it_knows(place: Place) {
    let store = place.open().await;
    let mut cancelled = run("c", RunStatus::Cancelled, 0);
    cancelled.message = Some("by ops".to_owned());
    store
        .write(&[
            record(full("f", 1)),
            record(cancelled),
            record(active("a", 2, 10.0)),
        ])
        .await
        .unwrap();
    let field = async |name: &str, run: &str| {
        let cast = if name.ends_with("_at") && !place.is_sqlite() {
            "to_char({}, 'YYYY-MM-DD HH24:MI:SS.US')"
        } else {
            "CAST({} AS TEXT)"
        };
        place
            .text(&format!(
                "SELECT {} FROM processing_runs WHERE run_id = '{run}'",
                cast.replace("{}", name)
            ))
            .await
    };
    for (name, value) in [
        ("status", "success"),
        ("trigger_type", "manual"),
        ("phase", "patterns"),
        ("duration_seconds", "600"),
        ("symbols_total", "500"),
        ("symbols_processed", "500"),
        ("symbols_failed", "2"),
        ("indicators_processed", "7575"),
        ("started_at", "2025-01-27 21:11:00.000000"),
        ("completed_at", "2025-01-27 21:21:00.000000"),
        ("error_message", "2 symbols failed"),
    ] {
        assert_eq!(field(name, "f").await.as_deref(), Some(value), "{name}");
    }
    assert_eq!(field("status", "c").await.as_deref(), Some("failed"));
    assert_eq!(
        field("error_message", "c").await.as_deref(),
        Some("cancelled: by ops")
    );
    assert_eq!(field("status", "a").await.as_deref(), Some("running"));
    assert_eq!(field("phase", "a").await.as_deref(), Some("import"));
}

async fn a_summary_fills_gaps_and_takes_nothing_away(place: Place) {
    let store = place.open().await;
    let full = full("run-1", 0);
    store.write(&[record(full.clone())]).await.unwrap();
    let mut summary = model::RunSummary::from(&full);
    (summary.status, summary.trigger, summary.indicators) = (RunStatus::Succeeded, None, None);
    store
        .write(&[Record::Summary(Box::new(summary))])
        .await
        .unwrap();
    let found = store.run(&id("run-1")).await.unwrap().unwrap();
    assert_eq!(found.summary.status, RunStatus::Succeeded);
    assert_eq!(found.summary.trigger.as_deref(), Some("manual"));
    assert_eq!(found.summary.indicators, Some(7_575));
    assert_eq!(found.summary.universes, ["sp500"]);
    assert!(found.run.is_some());
}

async fn the_audit_only_grows(place: Place) {
    let store = place.open().await;
    let (first, second) = (audit("ann", "trigger"), audit("bob", "cancel"));
    store
        .write(&[
            Record::Audit(first.clone()),
            Record::Audit(second.clone()),
            Record::Audit(first.clone()),
        ])
        .await
        .unwrap();
    let page = store
        .audit(&AuditFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(page.rows, [second, first.clone()]);
    let of_ann = AuditFilter {
        who: Some("ann".to_owned()),
        ..AuditFilter::default()
    };
    assert_eq!(store.audit(&of_ann, None, 10).await.unwrap().rows, [first]);
    for sql in [
        "UPDATE console_audit SET who = 'x'",
        "DELETE FROM console_audit",
    ] {
        let result = std::panic::AssertUnwindSafe(place.sql(sql));
        assert!(
            futures_util::FutureExt::catch_unwind(result).await.is_err(),
            "{sql} went through"
        );
    }
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 10)
            .await
            .unwrap()
            .rows
            .len(),
        2
    );
}

async fn small_things_come_back(place: Place) {
    let store = place.open().await;
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let note = |at| Acknowledgement {
        subject: "error 1".into(),
        who: "ann".into(),
        at,
        note: Some("seen".into()),
    };
    let setting = |at| Setting {
        name: "theme".into(),
        value: r#"{"dark":true}"#.into(),
        who: None,
        at,
    };
    let answer = |at: Timestamp| StoredAnswer {
        key: format!("k{}", at.0),
        body_hash: "h".into(),
        answer: "{}".into(),
        at,
    };
    let (fresh, stale) = (answer(now), answer(now.plus_ms(-25 * 3_600_000)));
    store
        .write(&[
            Record::Acknowledged(note(now)),
            Record::Acknowledged(note(now.plus_ms(-5))),
            Record::Setting(setting(now)),
            Record::Answer(fresh.clone()),
            Record::Answer(stale.clone()),
        ])
        .await
        .unwrap();
    assert_eq!(store.acknowledgements().await.unwrap(), [note(now)]);
    assert_eq!(store.settings().await.unwrap(), [setting(now)]);
    assert_eq!(store.answer(&fresh.key).await.unwrap(), Some(fresh.clone()));
    assert_eq!(store.answer(&stale.key).await.unwrap(), None);
    let other = StoredAnswer {
        body_hash: "other".into(),
        ..fresh.clone()
    };
    store.write(&[Record::Answer(other)]).await.unwrap();
    assert_eq!(store.answer(&fresh.key).await.unwrap(), Some(fresh));
}

async fn events_are_paged_in_their_order_and_shortened(place: Place) {
    let store = place.open().await;
    let lines: Vec<_> = (1..=25)
        .map(|n| Record::Log(Box::new(line("r", n))))
        .collect();
    store.write(&lines).await.unwrap();
    let first = store.events(Some(&id("r")), None, 20).await.unwrap();
    let rest = store.events(Some(&id("r")), first.next, 20).await.unwrap();
    assert_eq!(
        first
            .rows
            .iter()
            .chain(&rest.rows)
            .map(|event| event.number)
            .collect::<Vec<_>>(),
        (1..=25).collect::<Vec<_>>()
    );
    assert_eq!(first.rows[0], line("r", 1));
    assert_eq!(store.prune(90, u64::MAX).await.unwrap().events, 25);
    assert!(
        store
            .events(Some(&id("r")), None, 20)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

async fn the_state_comes_back_with_the_newest_run(place: Place) {
    let store = place.open().await;
    assert_eq!(store.load_state().await.unwrap(), None);
    let mut state = State::default();
    state.run = Some(active("r", 0, 10.0));
    store
        .write(&[Record::State {
            at: BEGIN,
            state: Box::new(state.clone()),
        }])
        .await
        .unwrap();
    let last = LastState {
        state,
        at: BEGIN,
        heard_until: BEGIN,
    };
    assert_eq!(store.load_state().await.unwrap(), Some(last));
    let later = active("r", 0, 20.0);
    store.write(&[record(later.clone())]).await.unwrap();
    assert_eq!(
        store.load_state().await.unwrap().unwrap().state.run,
        Some(later.clone())
    );
    let next = run("next", RunStatus::Succeeded, 60);
    store.write(&[record(next.clone())]).await.unwrap();
    let LastState { state, .. } = store.load_state().await.unwrap().unwrap();
    assert_eq!(
        (state.run, state.earlier[0].id.as_str()),
        (Some(later), "next"),
        "nobody reported the end of r"
    );
    let ended = run("r", RunStatus::Succeeded, 90);
    store.write(&[record(ended.clone())]).await.unwrap();
    assert_eq!(
        store.load_state().await.unwrap().unwrap().state.run,
        Some(ended)
    );
}

async fn a_run_that_the_state_does_not_know_is_followed_while_its_row_is_active(place: Place) {
    let store = place.open().await;
    let mut state = State::default();
    state.run = Some(run("r", RunStatus::Succeeded, 60));
    store
        .write(&[Record::State {
            at: BEGIN,
            state: Box::new(state.clone()),
        }])
        .await
        .unwrap();
    let stray = active("stray", 0, 10.0);
    store
        .write(&[record(state.run.clone().unwrap()), record(stray.clone())])
        .await
        .unwrap();
    let loaded = store.load_state().await.unwrap().unwrap().state;
    assert_eq!((loaded.run, loaded.others), (state.run, vec![stray]));
}

async fn an_idle_console_was_alive_until_it_last_heard(place: Place) {
    let store = place.open().await;
    let state = State::default();
    store
        .write(&[Record::State {
            at: BEGIN,
            state: Box::new(state.clone()),
        }])
        .await
        .unwrap();
    let heard_until = BEGIN.plus_ms(7_200_000);
    store
        .write(&[
            Record::Heard(BEGIN.plus_ms(15_000)),
            Record::Heard(heard_until),
        ])
        .await
        .unwrap();
    let last = LastState {
        state: state.clone(),
        at: heard_until,
        heard_until,
    };
    assert_eq!(store.load_state().await.unwrap(), Some(last));
    // Redis went away; TickStockPL's API changed the state after that.
    let at = heard_until.plus_ms(60_000);
    store
        .write(&[Record::State {
            at,
            state: Box::new(state.clone()),
        }])
        .await
        .unwrap();
    assert_eq!(
        store.load_state().await.unwrap(),
        Some(LastState {
            state,
            at,
            heard_until
        })
    );
}

async fn a_run_that_tickstockpl_says_goes_on_is_active_again(place: Place) {
    let store = place.open().await;
    let mut lost = active("r", 0, 50.0);
    (lost.status, lost.message) = (RunStatus::Lost, Some("nothing runs".to_owned()));
    (lost.ended_at, lost.heard_at) = (Some(BEGIN.plus_ms(60_000)), BEGIN.plus_ms(60_000));
    store.write(&[record(lost)]).await.unwrap();
    let mut goes_on = active("r", 0, 60.0);
    goes_on.heard_at = BEGIN.plus_ms(65_000);
    store.write(&[record(goes_on.clone())]).await.unwrap();
    let found = store.run(&id("r")).await.unwrap().unwrap();
    assert_eq!(found.run.as_deref(), Some(&goes_on));
    assert_eq!(
        found.summary,
        line_of(&goes_on),
        "no end, and no message of one"
    );
    let old = "SELECT status || '/' || COALESCE(error_message, '') || '/' || COALESCE(CAST(completed_at AS TEXT), '')
        || '/' || COALESCE(CAST(duration_seconds AS TEXT), '') FROM processing_runs";
    assert_eq!(place.text(old).await.as_deref(), Some("running///"));
}

async fn a_run_started_again_under_its_id_keeps_nothing_of_before(place: Place) {
    let store = place.open().await;
    let mut first = full("r", 0);
    (first.status, first.message) = (RunStatus::Failed, Some("no data".to_owned()));
    let reports = vec![(symbol("XYZ"), "{}".to_owned())];
    let symbols = store::RunSymbols {
        run_id: id("r"),
        at: BEGIN,
        reports,
    };
    store
        .write(&[record(first.clone()), Record::Symbols(Box::new(symbols))])
        .await
        .unwrap();
    let mut again = active("r", 60, 5.0);
    (again.trigger, again.symbols_total, again.indicators) = (None, None, 0);
    store.write(&[record(again.clone())]).await.unwrap();
    let found = store.run(&id("r")).await.unwrap().unwrap();
    assert_eq!(found.summary, line_of(&again));
    assert!(found.failed_symbols.is_empty() && found.aggregates.is_empty());
    assert_eq!(
        store.symbol(&id("r"), &symbol("XYZ")).await.unwrap().report,
        None
    );
    let old = "SELECT status || '/' || COALESCE(error_message, '') || '/' || CAST(symbols_total AS TEXT) || '/'
        || CAST(indicators_processed AS TEXT) || '/' || COALESCE(CAST(completed_at AS TEXT), '') FROM processing_runs";
    assert_eq!(place.text(old).await.as_deref(), Some("running//0/0/"));
    // What waited in the file since the first attempt changes nothing.
    store.write(&[record(first)]).await.unwrap();
    assert_eq!(
        store.run(&id("r")).await.unwrap().unwrap().run.as_deref(),
        Some(&again)
    );
}

async fn a_corrected_run_keeps_no_stale_message(place: Place) {
    let store = place.open().await;
    let message = async || {
        let sql = "SELECT status || '/' || COALESCE(error_message, '') FROM processing_runs";
        (
            store.run(&id("r")).await.unwrap().unwrap().summary.message,
            place.text(sql).await.unwrap(),
        )
    };
    let mut failed = run("r", RunStatus::Failed, 0);
    failed.message = Some("OperationalError: server closed the connection".to_owned());
    store.write(&[record(failed.clone())]).await.unwrap();
    assert_eq!(
        message().await,
        (
            failed.message.clone(),
            format!("failed/{}", failed.message.clone().unwrap())
        )
    );
    // The whole run is corrected.
    let mut succeeded = run("r", RunStatus::Succeeded, 0);
    succeeded.heard_at = failed.heard_at.plus_ms(5_000);
    store.write(&[record(succeeded.clone())]).await.unwrap();
    assert_eq!(message().await, (None, "success/".to_owned()));
    // Its line is, by TickStockPL's history.
    let mut cancelled = model::RunSummary::from(&succeeded);
    (cancelled.status, cancelled.message) = (RunStatus::Cancelled, Some("by ops".to_owned()));
    store
        .write(&[Record::Summary(Box::new(cancelled.clone()))])
        .await
        .unwrap();
    assert_eq!(
        message().await,
        (
            Some("by ops".to_owned()),
            "failed/cancelled: by ops".to_owned()
        )
    );
    let whole = store.run(&id("r")).await.unwrap().unwrap().run.unwrap();
    assert_eq!(
        (whole.status, whole.message.as_deref()),
        (RunStatus::Cancelled, Some("by ops"))
    );
    (cancelled.status, cancelled.message) = (RunStatus::Succeeded, None);
    store
        .write(&[Record::Summary(Box::new(cancelled))])
        .await
        .unwrap();
    assert_eq!(message().await, (None, "success/".to_owned()));
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

async fn every_outcome_is_read_back_also_from_the_old_table(place: Place) {
    let store = place.open().await;
    let mut runs = Vec::new();
    for (n, status) in model::RunStatus::ALL
        .iter()
        .enumerate()
        .filter(|(_, status)| !status.is_active())
    {
        for (reason, message) in [
            ("none", None),
            ("some", Some("TickStockPL reported \"x\"".to_owned())),
        ] {
            let mut run = run(
                &format!("{}-{reason}", status.wire_name()),
                *status,
                n as i64,
            );
            run.message = message;
            (run.failed_said, run.indicators) = (
                Some(u64::from(*status == RunStatus::SucceededWithWarnings)),
                0,
            );
            runs.push(run);
        }
    }
    store
        .write(&runs.iter().cloned().map(record).collect::<Vec<_>>())
        .await
        .unwrap();
    let sql = "SELECT error_message FROM processing_runs WHERE run_id = 'outcome_unknown-some'";
    assert_eq!(
        place.text(sql).await.as_deref(),
        Some("outcome unknown: TickStockPL reported \"x\"")
    );
    let sql = "SELECT CAST(COUNT(*) AS TEXT) FROM processing_runs WHERE status NOT IN ('success', 'failed')";
    assert_eq!(
        place.text(sql).await.as_deref(),
        Some("0"),
        "words that the old code knows"
    );
    let said = async |store: &store::Store| {
        let page = store
            .history(&HistoryFilter::default(), None, 200)
            .await
            .unwrap();
        let mut rows: Vec<_> = page
            .rows
            .into_iter()
            .map(|row| (row.id, row.status, row.message))
            .collect();
        rows.sort_by_key(|(id, ..)| id.to_string());
        rows
    };
    let mut expected: Vec<_> = runs
        .into_iter()
        .map(|run| (run.id, run.status, run.message))
        .collect();
    expected.sort_by_key(|(id, ..)| id.to_string());
    assert_eq!(said(&store).await, expected);
    // A console that has the old table only.
    place.sql("DELETE FROM console_runs").await;
    store.adopt(None).await.unwrap();
    assert_eq!(said(&store).await, expected);
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

async fn baselines_come_from_comparable_runs_only(place: Place) {
    let store = place.open().await;
    let names = ["sp500".to_owned()];
    for n in 0..5 {
        // An import alone between two full runs.
        store
            .write(&[
                record(full(&format!("r{n}"), n * 60)),
                record(import_only(&format!("i{n}"), n * 60 + 30)),
            ])
            .await
            .unwrap();
    }
    let mut other = full("other", 500);
    other.universes = vec!["nasdaq".to_owned()];
    let mut backwards = full("backwards", 501);
    backwards.ended_at = backwards.started_at.map(|at| at.plus_ms(-1));
    let mut few = full("few", 502);
    few.symbols_total = Some(5);
    let failed = run("bad", RunStatus::Failed, 600);
    store
        .write(&[
            record(other),
            record(backwards),
            record(few),
            record(failed),
        ])
        .await
        .unwrap();
    let groups = model::baselines(&store.run_samples(&names).await.unwrap());
    let of =
        |phases: &[Phase]| model::baseline_for_parameters(&groups, &names, phases, None).unwrap();
    let (whole, import) = (of(&Phase::ALL), of(&[Phase::Import]));
    assert_eq!(
        whole
            .phases
            .iter()
            .map(|(_, phase)| phase.p50_seconds)
            .collect::<Vec<_>>(),
        [300.0, 60.0, 180.0, 60.0]
    );
    assert_eq!(
        whole.run.map(|run| (run.sample_size, run.p90_seconds)),
        Some((5, 600.0))
    );
    assert_eq!(
        import.run.map(|run| (run.sample_size, run.p10_seconds)),
        Some((5, 300.0))
    );
    assert_eq!((groups.len(), whole.symbols), (2, Some(500)));
}

async fn samples_are_the_newest_runs_of_their_universes(place: Place) {
    let store = place.open().await;
    for n in 0..4 {
        let mut run = full(&format!("r{n}"), n * 60);
        run.duration_seconds = Some(1000.0 - n as f64);
        store.write(&[record(run)]).await.unwrap();
    }
    let samples = store.run_samples(&["sp500".to_owned()]).await.unwrap();
    assert_eq!(
        samples
            .iter()
            .filter_map(|sample| sample.duration_seconds)
            .collect::<Vec<_>>(),
        [997.0, 998.0, 999.0, 1000.0]
    );
    assert!(
        samples
            .iter()
            .all(|sample| sample.is_usable() && sample.phases.len() == 4)
    );
    assert_eq!(store.run_samples(&["nasdaq".to_owned()]).await.unwrap(), []);
}

async fn one_symbol_of_a_run(place: Place) {
    let store = place.open().await;
    let mut going = active("going", 10, 5.0);
    going.failed_symbols = vec![failure(symbol("ABC"), Some("timeout"))];
    store
        .write(&[
            record(full("r", 0)),
            record(going),
            Record::Errors(Box::new(errors("r", "slow", 1))),
        ])
        .await
        .unwrap();
    let xyz = store.symbol(&id("r"), &symbol("XYZ")).await.unwrap();
    assert!(xyz.failed && xyz.reason.is_none() && xyz.errors.len() == 1);
    let brk = store.symbol(&id("r"), &symbol("BRK.B")).await.unwrap();
    assert_eq!((brk.failed, brk.reason.as_deref()), (true, Some("no data")));
    assert_eq!(
        store
            .symbol(&id("going"), &symbol("ABC"))
            .await
            .unwrap()
            .reason
            .as_deref(),
        Some("timeout")
    );
    assert!(
        !store
            .symbol(&id("r"), &symbol("AAPL"))
            .await
            .unwrap()
            .failed
    );
}

async fn errors_are_paged_and_filtered(place: Place) {
    let store = place.open().await;
    let records: Vec<_> = (1..=9)
        .map(|n| {
            Record::Errors(Box::new(errors(
                if n % 2 == 0 { "a" } else { "b" },
                &format!("m{n}"),
                n,
            )))
        })
        .collect();
    store.write(&records).await.unwrap();
    let all = ErrorFilter::default();
    let first = store.errors(&all, None, 5).await.unwrap();
    let rest = store.errors(&all, first.next.as_ref(), 5).await.unwrap();
    let counts: Vec<_> = first
        .rows
        .iter()
        .chain(&rest.rows)
        .map(|errors| errors.count)
        .collect();
    assert_eq!(counts, (1..=9).rev().collect::<Vec<_>>());
    assert_eq!(rest.next, None);
    let of_a = ErrorFilter {
        run_id: Some(id("a")),
        ..ErrorFilter::default()
    };
    assert_eq!(store.errors(&of_a, None, 50).await.unwrap().rows.len(), 4);
    let bad = ErrorFilter {
        at_least: Some(contract::Severity::Error),
        ..ErrorFilter::default()
    };
    assert!(store.errors(&bad, None, 50).await.unwrap().rows.is_empty());
    let xyz = ErrorFilter {
        symbol: Some(symbol("XYZ")),
        ..ErrorFilter::default()
    };
    assert_eq!(store.errors(&xyz, None, 50).await.unwrap().rows.len(), 9);
}

async fn everything_is_written_out(place: Place) {
    let store = Arc::new(place.open().await);
    let mut quoted = full("r0", 0);
    quoted.message = Some("a \"quoted\",\nline".to_owned());
    let mut records = vec![
        record(quoted),
        Record::Audit(audit("ann", "trigger")),
        Record::Errors(Box::new(errors("r0", "slow", 1))),
    ];
    records.extend((1..=1200).map(|n| record(run(&format!("r{n}"), RunStatus::Succeeded, n))));
    records.extend((1..=600).map(|n| Record::Log(Box::new(line("r0", n)))));
    store.write(&records).await.unwrap();
    for (what, rows) in [
        (Export::History, 1201),
        (Export::Events, 600),
        (Export::Errors, 1),
        (Export::Audit, 1),
    ] {
        let lines: Vec<u8> = store
            .export(what, Format::JsonLines)
            .try_concat()
            .await
            .unwrap();
        let lines: Vec<serde_json::Value> = lines
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        assert_eq!(lines.len(), rows, "{what:?}");
        let text: Vec<u8> = store.export(what, Format::Csv).try_concat().await.unwrap();
        let mut reader = csv::Reader::from_reader(&text[..]);
        let columns = reader.headers().unwrap().len();
        let read: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
        assert_eq!(read.len(), rows, "{what:?}");
        assert!(columns == lines[0].as_object().unwrap().len());
        if what == Export::History {
            let row = read.iter().find(|row| &row[0] == "r0").unwrap();
            assert_eq!(&row[columns - 1], "a \"quoted\",\nline");
            assert_eq!(&row[4], "2025-01-27T21:10:00Z");
        }
    }
}

async fn too_much_is_pruned_but_never_a_run_or_the_audit(place: Place) {
    let store = place.open().await;
    let mut records: Vec<_> = (1..=50)
        .map(|n| record(full(&format!("r{n}"), n)))
        .collect();
    records.push(Record::Audit(audit("ann", "trigger")));
    let now = jiff::Timestamp::now().as_millisecond();
    for n in 1..=6000 {
        let mut line = line("r1", n);
        line.at = Timestamp(now);
        line.raw = Some("x".repeat(300));
        records.push(Record::Log(Box::new(line)));
    }
    store.write(&records).await.unwrap();
    assert_eq!(store.prune(90, u64::MAX).await.unwrap().events, 1000);
    let before = store.bytes().await.unwrap();
    let pruned = store.prune(90, 1).await.unwrap();
    assert_eq!((pruned.events, pruned.runs), (5000, 50));
    assert!(pruned.bytes < before, "{before} {pruned:?}");
    let page = store
        .history(&HistoryFilter::default(), None, 200)
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 50);
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 10)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

//! Texts that nobody should send, in every field: they come back as they were, as far as the
//! databases can hold them.

use crate::both;
use crate::support::Place;
use crate::support::runs::*;
use contract::{RunId, Symbol, Timestamp};
use futures_util::TryStreamExt;
use model::{RunStatus, State};
use std::sync::Arc;
use store::text::{clean, run_key};
use store::{
    Acknowledgement, AuditFilter, ErrorFilter, Export, Format, HistoryFilter, Record, Setting,
    StoredAnswer, limits,
};

both! {
    hostile_texts_come_back_from_every_field,
    ids_of_any_length_stay_apart,
    numbers_beyond_the_columns_are_the_most_they_hold,
}

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'; DROP TABLE console_runs; --",
        "\"quoted\" \\ back\\u0000slash `tick` $1 ?1 :name @x {} %s %_",
        "nul\0in\0it",
        "\u{202e}right to left\u{2066} \u{5d0}\u{5d1}",
        "emoji 👩‍👩‍👧‍👦 and a̐é",
        "line\nfeed\r\ntab\t\u{1}\u{7f}\u{85}\u{2028}",
        "=HYPERLINK(\"http://x\")",
        "<script>alert(1)</script>&amp;",
        "\u{fffd}\u{feff}\u{10ffff}",
        "a",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(1 << 20));
    texts.push("👾\0".repeat(1 << 17));
    texts
}

fn kept(text: &str, max: usize) -> String {
    clean(&text[..text.floor_char_boundary(max)]).into_owned()
}

async fn hostile_texts_come_back_from_every_field(place: Place) {
    let store = Arc::new(place.open().await);
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    for (n, text) in texts().into_iter().enumerate() {
        let run_id = RunId::new(&format!("{n} {text}")).unwrap();
        let mut run = full("r", n as i64);
        run.id = run_id.clone();
        (run.trigger, run.message, run.activity) =
            (Some(text.clone()), Some(text.clone()), Some(text.clone()));
        run.universes = vec![text.clone()];
        run.original_run_id = Some(run_id.clone());
        let name = Symbol::new(&format!("S{text}")).unwrap();
        run.failed_symbols = vec![failure(name.clone(), Some(&text))];
        run.by_indicator = [(text.clone(), 3), (format!("{text} "), 4)].into();
        let mut errors = errors("r", &text, 2);
        errors.run_id = Some(run_id.clone());
        (errors.component, errors.recovery_action) = (Some(text.clone()), Some(text.clone()));
        errors.symbols = vec![name.clone()];
        let mut line = line("r", 1);
        line.run_id = Some(run_id.clone());
        (line.channel, line.name, line.summary, line.raw) =
            (text.clone(), text.clone(), text.clone(), Some(text.clone()));
        let mut audit = audit(&text, &text);
        (audit.role, audit.target, audit.address) =
            (Some(text.clone()), Some(text.clone()), Some(text.clone()));
        (audit.request_id, audit.outcome, audit.detail) =
            (Some(text.clone()), text.clone(), Some(text.clone()));
        let note = Acknowledgement {
            subject: text.clone(),
            who: text.clone(),
            at: now,
            note: Some(text.clone()),
        };
        let setting = Setting {
            name: text.clone(),
            value: text.clone(),
            who: Some(text.clone()),
            at: now,
        };
        let answer = StoredAnswer {
            key: text.clone(),
            body_hash: "h".to_owned(),
            answer: text.clone(),
            at: now,
        };
        let mut state = State::default();
        state.run = Some(run.clone());
        let records = [
            record(run.clone()),
            Record::Errors(Box::new(errors.clone())),
            Record::Log(Box::new(line.clone())),
            Record::Audit(audit.clone()),
            Record::Acknowledged(note),
            Record::Setting(setting),
            Record::Answer(answer),
        ];
        store
            .write(&records)
            .await
            .unwrap_or_else(|error| panic!("{n}: {}", error.one_line()));
        if text.len() < 1_000 {
            store
                .write(&[Record::State {
                    at: now,
                    state: Box::new(state.clone()),
                }])
                .await
                .unwrap();
            assert_eq!(
                store.load_state().await.unwrap().unwrap().state.run,
                Some(run.clone()),
                "{n}"
            );
        }

        let found = store.run(&run_id).await.unwrap().unwrap();
        // The whole run's JSON escapes what the columns cannot hold.
        assert_eq!(
            found.run.as_deref(),
            Some(&run).filter(|_| found.run.is_some()),
            "{n}"
        );
        assert!(found.run.is_some() || text.len() > 100_000, "{n}");
        assert_eq!(
            found.summary.message.as_deref(),
            Some(&*kept(&text, limits::MESSAGE)),
            "{n}"
        );
        assert_eq!(
            found.summary.trigger.as_deref(),
            Some(&*kept(&text, limits::NAME)),
            "{n}"
        );
        // A replaced NUL takes more bytes: such a name may be cut again.
        assert!(
            clean(name.as_str()).starts_with(found.failed_symbols[0].symbol.as_str()),
            "{n}"
        );
        assert_eq!(found.errors[0].message, kept(&text, limits::MESSAGE), "{n}");
        assert_eq!(
            found.aggregates.iter().map(|kind| kind.count).sum::<u64>(),
            9,
            "{n}"
        );
        let event = &store.events(Some(&run_id), None, 5).await.unwrap().rows[0];
        assert_eq!(
            event.raw.as_deref(),
            Some(&*kept(&text, limits::RAW)),
            "{n}"
        );
        let symbol = store.symbol(&run_id, &name).await.unwrap();
        assert!(symbol.failed && symbol.errors.len() == 1, "{n}");
        let entry = store
            .audit(&AuditFilter::default(), None, 1)
            .await
            .unwrap()
            .rows
            .remove(0);
        assert_eq!(entry.who, kept(&text, limits::NAME), "{n}");
        assert_eq!(
            entry.detail.as_deref(),
            Some(&*kept(&text, limits::RAW)),
            "{n}"
        );
        assert_eq!(
            store.answer(&text).await.unwrap().unwrap().answer,
            clean(&text),
            "{n}"
        );
        // Each of them as what is asked for, too.
        let filter = HistoryFilter {
            text: Some(text.clone()),
            ..HistoryFilter::default()
        };
        store.history(&filter, None, 5).await.unwrap();
        let filter = HistoryFilter {
            universe: Some(text.clone()),
            trigger: Some(text.clone()),
            ..Default::default()
        };
        store.history(&filter, None, 5).await.unwrap();
        store
            .errors(
                &ErrorFilter {
                    run_id: Some(run_id),
                    ..Default::default()
                },
                None,
                5,
            )
            .await
            .unwrap();
        store
            .run_samples(std::slice::from_ref(&text))
            .await
            .unwrap();
    }
    let count = texts().len();
    assert_eq!(
        store
            .history(&HistoryFilter::default(), None, 200)
            .await
            .unwrap()
            .rows
            .len(),
        count
    );
    assert_eq!(store.settings().await.unwrap().len(), count);
    assert_eq!(store.acknowledgements().await.unwrap().len(), count);
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    for what in [
        Export::History,
        Export::Errors,
        Export::Events,
        Export::Audit,
    ] {
        let bytes: Vec<u8> = store.export(what, Format::Csv).try_concat().await.unwrap();
        let rows: Vec<_> = csv::Reader::from_reader(&bytes[..])
            .records()
            .map(|row| row.unwrap())
            .collect();
        assert_eq!(rows.len(), count, "{what:?}");
        let bytes: Vec<u8> = store
            .export(what, Format::JsonLines)
            .try_concat()
            .await
            .unwrap();
        assert_eq!(
            bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .count(),
            count,
            "{what:?}"
        );
    }
}

async fn ids_of_any_length_stay_apart(place: Place) {
    let store = place.open().await;
    // The same beginning, with every length around what a key holds.
    let ids: Vec<String> = (60..=70)
        .chain([contract::RunId::MAX_BYTES - 1, contract::RunId::MAX_BYTES])
        .map(|n| "i".repeat(n))
        .collect();
    let wide: Vec<String> = (55..=64).map(|n| "ö".repeat(n)).collect();
    for name in ids.iter().chain(&wide) {
        store
            .write(&[record(run(name, RunStatus::Succeeded, 0))])
            .await
            .unwrap();
    }
    for name in ids.iter().chain(&wide) {
        assert_eq!(
            store.run(&id(name)).await.unwrap().unwrap().run.unwrap().id,
            id(name)
        );
        let sql = format!(
            "SELECT CAST(LENGTH(run_id) AS TEXT) FROM processing_runs WHERE run_id = '{}'",
            run_key(name)
        );
        assert!(place.text(&sql).await.unwrap().parse::<usize>().unwrap() <= 64);
    }
    let sql = "SELECT CAST(metadata AS TEXT) FROM processing_runs WHERE run_id LIKE '%~%' AND run_id LIKE 'i%' LIMIT 1";
    assert!(place.text(sql).await.unwrap().contains(&"i".repeat(65)));
    assert_eq!(
        store
            .history(&HistoryFilter::default(), None, 200)
            .await
            .unwrap()
            .rows
            .len(),
        ids.len() + wide.len()
    );
}

async fn numbers_beyond_the_columns_are_the_most_they_hold(place: Place) {
    let store = place.open().await;
    let mut run = full("r", 0);
    (run.symbols_total, run.processed, run.failed_said) =
        (Some(u64::MAX), Some(u64::MAX), Some(u64::MAX));
    (run.indicators, run.patterns, run.duration_seconds) = (u64::MAX, u64::MAX, Some(1e300));
    run.by_indicator = [("RSI".to_owned(), u64::MAX)].into();
    (run.started_at, run.ended_at) = (Some(Timestamp(i64::MIN)), Some(Timestamp(i64::MAX)));
    let mut odd = full("odd", 1);
    odd.duration_seconds = Some(f64::NAN);
    store.write(&[record(run), record(odd)]).await.unwrap();
    let found = store.run(&id("r")).await.unwrap().unwrap();
    assert_eq!(found.summary.total, Some(i64::MAX as u64));
    assert_eq!(found.aggregates[0].count, i64::MAX as u64);
    for column in [
        "symbols_total",
        "symbols_processed",
        "indicators_processed",
        "duration_seconds",
    ] {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM processing_runs WHERE run_id = 'r'");
        assert_eq!(
            place.text(&sql).await.as_deref(),
            Some("2147483647"),
            "{column}"
        );
    }
    assert_eq!(
        store
            .history(&HistoryFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len(),
        2
    );
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

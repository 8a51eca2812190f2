//! Pages of history: complete, in order, filtered.

use crate::both;
use crate::support::Place;
use crate::support::runs::*;
use model::RunStatus;
use store::{Cursor, HistoryFilter, Record, Store, limits};

async fn walk(store: &Store, filter: &HistoryFilter, limit: u32) -> Vec<String> {
    let mut after: Option<Cursor> = None;
    let mut ids = Vec::new();
    loop {
        let page = store.history(filter, after.as_ref(), limit).await.unwrap();
        ids.extend(page.rows.into_iter().map(|run| run.id.to_string()));
        match page.next {
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => return ids,
        }
    }
}

both! {
    every_run_comes_once_newest_first_whatever_the_page,
    filters_narrow_and_combine,
    a_search_goes_on_where_a_page_ended,
}

async fn every_run_comes_once_newest_first_whatever_the_page(place: Place) {
    let store = place.open().await;
    // Three start in each minute: the key decides among them.
    let records: Vec<_> = (0..60)
        .map(|n| record(run(&format!("r{n:02}"), RunStatus::Succeeded, n / 3)))
        .collect();
    store.write(&records).await.unwrap();
    let mut expected: Vec<_> = (0..60).map(|n| format!("r{n:02}")).collect();
    expected.reverse();
    for limit in [1, 2, 7, 60, 200, 0, u32::MAX] {
        assert_eq!(
            walk(&store, &HistoryFilter::default(), limit).await,
            expected,
            "{limit}"
        );
    }
}

async fn filters_narrow_and_combine(place: Place) {
    let store = place.open().await;
    let mut failed = run("failed-1", RunStatus::Failed, 10);
    failed.message = Some("No DATA for Ärger".to_owned());
    let mut nightly = run("nightly", RunStatus::Succeeded, 20);
    (nightly.trigger, nightly.universes) = (
        Some("automatic".into()),
        vec!["nasdaq".into(), "sp500".into()],
    );
    store
        .write(&[
            record(failed),
            record(nightly),
            record(run("r", RunStatus::Succeeded, 30)),
        ])
        .await
        .unwrap();
    let none = HistoryFilter::default();
    for (filter, ids) in [
        (
            HistoryFilter {
                status: Some(RunStatus::Failed),
                ..none.clone()
            },
            &["failed-1"][..],
        ),
        (
            HistoryFilter {
                status: Some(RunStatus::Lost),
                ..none.clone()
            },
            &[],
        ),
        (
            HistoryFilter {
                trigger: Some("manual".into()),
                ..none.clone()
            },
            &["r", "failed-1"],
        ),
        (
            HistoryFilter {
                universe: Some("sp500".into()),
                ..none.clone()
            },
            &["r", "nightly", "failed-1"],
        ),
        (
            HistoryFilter {
                universe: Some("nasdaq".into()),
                ..none.clone()
            },
            &["nightly"],
        ),
        (
            HistoryFilter {
                universe: Some("sp".into()),
                ..none.clone()
            },
            &[],
        ),
        (
            HistoryFilter {
                since: Some(BEGIN.plus_ms(15 * 60_000)),
                ..none.clone()
            },
            &["r", "nightly"],
        ),
        (
            HistoryFilter {
                text: Some(" no data FOR ärger".into()),
                ..none.clone()
            },
            &["failed-1"],
        ),
        (
            HistoryFilter {
                text: Some("%".into()),
                ..none.clone()
            },
            &[],
        ),
        (
            HistoryFilter {
                text: Some("' OR 1=1 --".into()),
                ..none.clone()
            },
            &[],
        ),
        (
            HistoryFilter {
                status: Some(RunStatus::Succeeded),
                trigger: Some("manual".into()),
                ..none.clone()
            },
            &["r"],
        ),
    ] {
        assert_eq!(walk(&store, &filter, 2).await, ids, "{filter:?}");
    }
}

async fn a_search_goes_on_where_a_page_ended(place: Place) {
    let store = place.open().await;
    let line = |n: i64| {
        let mut summary = model::RunSummary::from(&run(&format!("r{n}"), RunStatus::Succeeded, 0));
        summary.started_at = Some(BEGIN.plus_ms(n * 60_000));
        if n == 5 {
            summary.message = Some("a needle".to_owned());
        }
        Record::Summary(Box::new(summary))
    };
    let records: Vec<_> = (0..i64::from(limits::SEARCHED) + 10).map(line).collect();
    store.write(&records).await.unwrap();
    let needle = HistoryFilter {
        text: Some("Needle".to_owned()),
        ..HistoryFilter::default()
    };
    let first = store.history(&needle, None, 50).await.unwrap();
    assert!(first.rows.is_empty() && first.next.is_some());
    let second = store
        .history(&needle, first.next.as_ref(), 50)
        .await
        .unwrap();
    assert_eq!(second.rows[0].id, id("r5"));
    assert_eq!(second.next, None);
}

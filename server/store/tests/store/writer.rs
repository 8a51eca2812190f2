//! Writing behind the relay's back: what must last lasts, and what is replaced is written once.

use crate::both;
use crate::support::runs::*;
use crate::support::{PATIENCE, Place, until};
use model::RunStatus;
use std::time::Duration;
use store::{AuditFilter, Options, Record, Writer, WriterMode};
use tokio_util::sync::CancellationToken;

pub(crate) fn start(place: &Place) -> (Writer, CancellationToken) {
    let shutdown = CancellationToken::new();
    let options = Options {
        spool_folder: Some(place.folder.0.clone()),
        ..Options::default()
    };
    (
        Writer::start(place.database(), options, shutdown.clone()),
        shutdown,
    )
}

both! {
    what_is_submitted_is_in_the_database_soon,
    progress_is_written_at_most_once_a_second_and_the_newest_only,
    a_file_that_an_earlier_process_left_is_written,
    a_record_that_is_refused_takes_no_other_with_it,
}

async fn what_is_submitted_is_in_the_database_soon(place: Place) {
    let (writer, shutdown) = start(&place);
    let store = writer.opened(PATIENCE).await.unwrap();
    writer
        .record(Record::Audit(audit("ann", "trigger")))
        .await
        .unwrap();
    writer.submit(record(active("a", 0, 5.0))).unwrap();
    writer.submit(Record::Log(Box::new(line("a", 1)))).unwrap();
    writer.submit(record(full("r", 0))).unwrap();
    until("the run is there", async || {
        store.run(&id("r")).await.unwrap().is_some()
    })
    .await;
    until("the other is there", async || {
        store.run(&id("a")).await.unwrap().is_some()
    })
    .await;
    until("the event is there", async || {
        !store
            .events(Some(&id("a")), None, 5)
            .await
            .unwrap()
            .rows
            .is_empty()
    })
    .await;
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    let health = writer.health().borrow().clone();
    assert!(
        health.up && health.mode == WriterMode::Writing && health.detail.is_none(),
        "{health:?}"
    );
    shutdown.cancel();
    writer.ended().await;
    assert!(
        std::fs::read_dir(&place.folder.0)
            .unwrap()
            .flatten()
            .filter(|e| e.path().extension().is_some_and(|e| e == "jsonl"))
            .all(|entry| entry.metadata().unwrap().len() == 0)
    );
}

async fn progress_is_written_at_most_once_a_second_and_the_newest_only(place: Place) {
    let (writer, shutdown) = start(&place);
    let store = writer.opened(PATIENCE).await.unwrap();
    let began = std::time::Instant::now();
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..200 {
        writer
            .submit(record(active("a", 0, f64::from(n) / 2.0)))
            .unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
        if let Some(run) = store.run(&id("a")).await.unwrap() {
            seen.insert((run.summary.id.to_string(), run.run.unwrap().heard_at));
        }
    }
    assert!(
        seen.len() as u64 <= began.elapsed().as_secs() + 2,
        "{} writes in {:?}",
        seen.len(),
        began.elapsed()
    );
    shutdown.cancel();
    writer.ended().await;
    let store = place.open().await;
    assert_eq!(
        store
            .run(&id("a"))
            .await
            .unwrap()
            .unwrap()
            .run
            .unwrap()
            .percent,
        99.5
    );
}

async fn a_file_that_an_earlier_process_left_is_written(place: Place) {
    let lines = [record(full("r", 0)), Record::Audit(audit("ann", "trigger"))]
        .map(|r| serde_json::to_string(&r).unwrap());
    let name = if place.is_sqlite() {
        "console.db"
    } else {
        "tickstock-console"
    };
    // The last line was being written when the process was killed.
    let torn = format!(
        "{}\n{}\n{}",
        lines[0],
        lines[1],
        &lines[0][..lines[0].len() / 2]
    );
    std::fs::write(place.folder.0.join(format!("{name}.spool-0.jsonl")), &torn).unwrap();
    // Another one, of a process that is gone.
    std::fs::write(
        place.folder.0.join(format!("{name}.spool-3.jsonl")),
        serde_json::to_string(&record(run("s", RunStatus::Failed, 3))).unwrap() + "\n",
    )
    .unwrap();
    let (writer, shutdown) = start(&place);
    let store = writer.opened(PATIENCE).await.unwrap();
    until("the runs are there", async || {
        store.run(&id("r")).await.unwrap().is_some() && store.run(&id("s")).await.unwrap().is_some()
    })
    .await;
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    writer
        .record(Record::Audit(audit("bob", "cancel")))
        .await
        .unwrap();
    until("the audit is there", async || {
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len()
            == 2
    })
    .await;
    shutdown.cancel();
    writer.ended().await;
    assert!(
        !place
            .folder
            .0
            .join(format!("{name}.spool-3.jsonl"))
            .exists()
    );
}

async fn a_record_that_is_refused_takes_no_other_with_it(place: Place) {
    let (writer, shutdown) = start(&place);
    let store = writer.opened(PATIENCE).await.unwrap();
    let huge = store::Setting {
        name: "huge".into(),
        value: "x".repeat(9 << 20),
        who: None,
        at: BEGIN,
    };
    let _ = writer.submit(Record::Setting(huge));
    writer.submit(record(full("r", 0))).unwrap();
    until("the run is there", async || {
        store.run(&id("r")).await.unwrap().is_some()
    })
    .await;
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    shutdown.cancel();
    writer.ended().await;
    let refused = std::fs::read_dir(&place.folder.0)
        .unwrap()
        .flatten()
        .any(|e| e.path().to_string_lossy().ends_with("refused.jsonl"));
    assert!(refused);
}

//! Several relays on one PostgreSQL database: one writes, another takes over, and they hear of each
//! other.

use crate::support::runs::*;
use crate::support::{Folder, PATIENCE, Place, child, cluster, until};
use std::io::BufRead;
use std::process::Stdio;
use store::{Acknowledgement, AuditFilter, Database, Notice, Options, Record, Writer, WriterMode};
use tokio_util::sync::CancellationToken;

fn start(database: &Database, folder: &Folder) -> (Writer, CancellationToken) {
    let shutdown = CancellationToken::new();
    let options = Options {
        spool_folder: Some(folder.0.clone()),
        ..Options::default()
    };
    (
        Writer::start(database.clone(), options, shutdown.clone()),
        shutdown,
    )
}

async fn mode(writer: &Writer, mode: WriterMode) {
    let mut health = writer.health();
    let wait = health.wait_for(|health| health.up && health.mode == mode);
    assert!(
        tokio::time::timeout(PATIENCE, wait).await.is_ok(),
        "never {mode:?}: {:?}",
        *writer.health().borrow()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_writes_and_another_takes_over_when_it_ends() {
    let place = Place::postgres().await;
    let (first, first_ends) = start(&place.database(), &place.folder);
    mode(&first, WriterMode::Writing).await;
    // The same folder: each has a file of its own in it.
    let (second, second_ends) = start(&place.database(), &place.folder);
    mode(&second, WriterMode::Standby).await;
    let store = second.opened(PATIENCE).await.unwrap();
    second
        .submit(record(active("seen-by-both", 0, 1.0)))
        .unwrap();
    second
        .record(Record::Audit(audit("of the second", "trigger")))
        .await
        .unwrap();
    until("what its people did is written", async || {
        !store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .is_empty()
    })
    .await;
    assert!(store.run(&id("seen-by-both")).await.unwrap().is_none());
    first_ends.cancel();
    first.ended().await;
    mode(&second, WriterMode::Writing).await;
    until("it writes the run now", async || {
        store.run(&id("seen-by-both")).await.unwrap().is_some()
    })
    .await;
    second_ends.cancel();
    second.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_takes_over_from_one_that_is_killed() {
    let place = Place::postgres().await;
    let mut command = child("kill::child_that_is_killed");
    command
        .env("STORE_URI", &place.uri)
        .env("STORE_FOLDER", &place.folder.0)
        .env("STORE_LIFE", "0");
    let mut first = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = std::io::BufReader::new(first.stdout.take().unwrap());
    let promised = std::thread::spawn(move || {
        let lines = output.lines().map_while(Result::ok);
        lines
            .filter(|line| line.starts_with("promised audit"))
            .count() as u64
    });
    let store = place.open().await;
    until("the first one writes", async || {
        store.check().await.is_ok_and(|report| report.audit > 0)
    })
    .await;
    let (second, ends) = start(&place.database(), &place.folder);
    mode(&second, WriterMode::Standby).await;
    first.kill().unwrap();
    first.wait().unwrap();
    let began = std::time::Instant::now();
    mode(&second, WriterMode::Writing).await;
    assert!(
        began.elapsed().as_secs() < 5,
        "taken over after {:?}",
        began.elapsed()
    );
    ends.cancel();
    second.ended().await;
    // What the first one promised and did not write is in its file, for whoever starts next.
    let promised = promised.join().unwrap();
    let (third, ends) = start(&place.database(), &place.folder);
    until("all that was promised is there", async || {
        store.check().await.unwrap().audit >= promised
    })
    .await;
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    ends.cancel();
    third.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_goes_with_the_connection() {
    let place = Place::postgres().await;
    let (first, second) = (place.open().await, place.open().await);
    assert!(first.lease().await.unwrap() && first.lease().await.unwrap());
    assert!(!second.lease().await.unwrap());
    place
        .sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
        .await;
    until("the lease is free", async || second.lease().await.unwrap()).await;
    // The first one notices, connects again, and is second now.
    until("the first is second", async || {
        first.lease().await.is_ok_and(|leased| !leased)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_hear_of_acknowledgements_and_audit_and_of_what_they_may_have_missed() {
    let mut own = cluster::Cluster::start().await;
    let database = Database::parse(&own.database().await).unwrap();
    let folder = Folder::new();
    let (first, first_ends) = start(&database, &folder);
    let (second, second_ends) = start(&database, &folder);
    let (mut of_first, mut of_second) = (first.notices(), second.notices());
    let note = |n: i64| Acknowledgement {
        subject: "error 1".to_owned(),
        who: "ann".to_owned(),
        at: BEGIN.plus_ms(n),
        note: None,
    };
    let heard = Notice::Acknowledged {
        subject: "error 1".to_owned(),
    };
    // Whoever listens later than this hears of the next one.
    let mut n = 0;
    until("the second hears", async || {
        n += 1;
        first.record(Record::Acknowledged(note(n))).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        of_second.try_recv().is_ok_and(|notice| notice == heard)
    })
    .await;
    second
        .record(Record::Audit(audit("bob", "cancel")))
        .await
        .unwrap();
    let notice = tokio::time::timeout(PATIENCE, of_first.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(notice, Notice::Audit);
    own.stop();
    own.run().await;
    until(
        "the first hears that it may have missed something",
        async || matches!(of_first.try_recv(), Ok(Notice::Missed)),
    )
    .await;
    first_ends.cancel();
    second_ends.cancel();
    first.ended().await;
    second.ended().await;
}

//! The database goes away and comes back: the console continues, says so, and nothing that must
//! last is lost.

use crate::support::runs::*;
use crate::support::{Folder, PATIENCE, Place, cluster, until};
use model::RunStatus;
use std::time::Duration;
use store::{AuditFilter, Database, Options, Record, WriteError, Writer, WriterMode};
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

async fn up(writer: &Writer, up: bool) {
    let mut health = writer.health();
    let wait = health.wait_for(|health| health.up == up && (up || health.detail.is_some()));
    assert!(
        tokio::time::timeout(PATIENCE, wait).await.is_ok(),
        "{:?}",
        *writer.health().borrow()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_goes_away_and_comes_back() {
    let mut own = cluster::Cluster::start().await;
    let database = Database::parse(&own.database().await).unwrap();
    let folder = Folder::new();
    let (writer, shutdown) = start(&database, &folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    up(&writer, true).await;
    own.stop();
    up(&writer, false).await;
    let began = std::time::Instant::now();
    for n in 0..20 {
        writer
            .submit(record(run(&format!("r{n}"), RunStatus::Succeeded, n)))
            .unwrap();
        writer.submit(record(active("going", 0, n as f64))).unwrap();
        writer
            .record(Record::Audit(audit("ann", "trigger")))
            .await
            .unwrap();
    }
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "those who hand records over waited for the database"
    );
    until("all of it waits", async || {
        writer.health().borrow().spooled == 40
    })
    .await;
    assert!(store.history(&Default::default(), None, 5).await.is_err());
    own.run().await;
    up(&writer, true).await;
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 50)
            .await
            .unwrap()
            .rows
            .len(),
        20
    );
    until("progress came after", async || {
        store.run(&id("going")).await.unwrap().is_some()
    })
    .await;
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    shutdown.cancel();
    writer.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_starts_without_its_database_opens_it_when_it_comes() {
    let mut own = cluster::Cluster::start().await;
    let database = Database::parse(&own.database().await).unwrap();
    own.stop();
    let folder = Folder::new();
    let (writer, shutdown) = start(&database, &folder);
    up(&writer, false).await;
    assert_eq!(writer.health().borrow().mode, WriterMode::Opening);
    let error = writer.store().err().unwrap().to_string();
    assert!(error.starts_with("the database is not open:"), "{error}");
    writer
        .record(Record::Audit(audit("ann", "trigger")))
        .await
        .unwrap();
    shutdown.cancel();
    writer.ended().await;
    // What waited is there for the next start.
    own.run().await;
    let (writer, shutdown) = start(&database, &folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    until("the audit is there", async || {
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len()
            == 1
    })
    .await;
    shutdown.cancel();
    writer.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_program_locks_is_waited_for() {
    let place = Place::sqlite();
    let (writer, shutdown) = start(&place.database(), &place.folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    let options = place
        .uri
        .parse::<sqlx::sqlite::SqliteConnectOptions>()
        .unwrap();
    let mut locker = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut locker)
        .await
        .unwrap();
    writer
        .record(Record::Audit(audit("ann", "trigger")))
        .await
        .unwrap();
    writer.submit(record(full("r", 0))).unwrap();
    up(&writer, false).await;
    let mut health = writer.health();
    let locked = health.wait_for(|health| {
        health
            .detail
            .as_ref()
            .is_some_and(|detail| detail.contains("locked"))
    });
    assert!(tokio::time::timeout(PATIENCE, locked).await.is_ok());
    // Reading continues.
    assert!(
        store
            .history(&Default::default(), None, 5)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut locker)
        .await
        .unwrap();
    up(&writer, true).await;
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    assert!(store.run(&id("r")).await.unwrap().is_some());
    shutdown.cancel();
    writer.ended().await;
}

/// Waits for the health, and says how long that took.
async fn becomes(writer: &Writer, is_up: bool) -> Duration {
    let began = std::time::Instant::now();
    up(writer, is_up).await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_shows_within_5_s_also_when_idle() {
    let own = cluster::Cluster::start().await;
    let database = Database::parse(&own.database().await).unwrap();
    let folder = Folder::new();
    let (writer, shutdown) = start(&database, &folder);
    writer.opened(PATIENCE).await.unwrap();
    up(&writer, true).await;
    own.signal("STOP");
    let idle = becomes(&writer, false).await;
    own.signal("CONT");
    let back = becomes(&writer, true).await;
    assert!(idle < Duration::from_secs(5), "seen after {idle:?}");
    assert!(back < Duration::from_secs(5), "back after {back:?}");
    // While something is written, too.
    own.signal("STOP");
    for n in 0..10 {
        writer
            .submit(record(run(&format!("r{n}"), RunStatus::Succeeded, n)))
            .unwrap();
    }
    let busy = becomes(&writer, false).await;
    own.signal("CONT");
    assert!(busy < Duration::from_secs(5), "seen after {busy:?}");
    up(&writer, true).await;
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    shutdown.cancel();
    writer.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_shows_within_5_s_also_when_idle() {
    let place = Place::sqlite();
    let (writer, shutdown) = start(&place.database(), &place.folder);
    writer.opened(PATIENCE).await.unwrap();
    up(&writer, true).await;
    let options = place
        .uri
        .parse::<sqlx::sqlite::SqliteConnectOptions>()
        .unwrap();
    let mut locker = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut locker)
        .await
        .unwrap();
    let seen = becomes(&writer, false).await;
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut locker)
        .await
        .unwrap();
    let back = becomes(&writer, true).await;
    assert!(seen < Duration::from_secs(5), "seen after {seen:?}");
    assert!(back < Duration::from_secs(5), "back after {back:?}");
    shutdown.cancel();
    writer.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_waits_in_memory_is_not_called_lost() {
    let place = Place::sqlite();
    // Neither the file nor the database takes it: a folder stands where the file should.
    std::fs::create_dir_all(place.folder.0.join("console.db.spool-0.jsonl")).unwrap();
    let (writer, shutdown) = start(&place.database(), &place.folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    up(&writer, true).await;
    let options = place
        .uri
        .parse::<sqlx::sqlite::SqliteConnectOptions>()
        .unwrap();
    let mut locker = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut locker)
        .await
        .unwrap();
    let error = writer
        .record(Record::Audit(audit("ann", "trigger")))
        .await
        .unwrap_err();
    assert!(error.is_waiting(), "{error}");
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut locker)
        .await
        .unwrap();
    until("it is written", async || {
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len()
            == 1
    })
    .await;
    shutdown.cancel();
    writer.ended().await;
    assert_eq!(
        writer.record(Record::Audit(audit("ann", "cancel"))).await,
        Err(WriteError::Ending)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_moved_away_is_made_anew() {
    let folder = Folder::new();
    let database =
        Database::parse(&format!("sqlite://{}/data/console.db", folder.0.display())).unwrap();
    let (writer, shutdown) = start(&database, &folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    writer
        .record(Record::Audit(audit("ann", "trigger")))
        .await
        .unwrap();
    until("nothing waits", async || {
        writer.health().borrow().spooled == 0
    })
    .await;
    std::fs::rename(folder.0.join("data"), folder.0.join("away")).unwrap();
    writer
        .record(Record::Audit(audit("bob", "cancel")))
        .await
        .unwrap();
    until("it is written into the new one", async || {
        let page = store.audit(&AuditFilter::default(), None, 5).await;
        page.is_ok_and(|page| page.rows.len() == 1 && page.rows[0].who == "bob")
    })
    .await;
    assert!(folder.0.join("data/console.db").exists());
    shutdown.cancel();
    writer.ended().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_bounded_and_more_of_it_is_refused() {
    let folder = Folder::new();
    let database = Database::parse("postgresql://console@127.0.0.1:1/none").unwrap();
    let (writer, shutdown) = start(&database, &folder);
    up(&writer, false).await;
    let refused = (0..50_000).any(|n| {
        // The file takes a batch at a time; more come here than it is asked to keep.
        if n % 500 == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        matches!(
            writer.submit(Record::Audit(audit("ann", "trigger"))),
            Err(WriteError::Full)
        )
    });
    assert!(refused);
    for n in 0..5_000 {
        writer.submit(Record::Log(Box::new(line("r", n)))).unwrap();
    }
    until("it is told how many events are lost", async || {
        writer.health().borrow().lost >= 3_000
    })
    .await;
    assert!(writer.health().borrow().spooled <= 11_024);
    shutdown.cancel();
    writer.ended().await;
}

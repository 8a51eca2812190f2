//! A disk that is full or may not be written, in a file system of the test's own: a process with a
//! mount of its own each.

use crate::support::runs::*;
use crate::support::{Folder, PATIENCE, child, in_small_file_system, until};
use store::{AuditFilter, Database, HistoryFilter, Mode, Options, Record, Store, Writer};
use tokio_util::sync::CancellationToken;

/// The database of a child process. Without STORE_FOLDER nothing has started it.
fn database() -> (std::path::PathBuf, Database) {
    let folder = std::path::PathBuf::from(std::env::var_os("STORE_FOLDER").unwrap());
    let uri = format!("sqlite://{}", folder.join("console.db").display());
    (folder, Database::parse(&uri).unwrap())
}

#[test]
fn full_disk_is_reported_and_loses_no_durable_record() {
    let folder = Folder::new();
    in_small_file_system("disk::child_on_a_full_disk", &folder, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "process of another test"]
async fn child_on_a_full_disk() {
    let (folder, database) = database();
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let shutdown = CancellationToken::new();
    let writer = Writer::start(database, Options::default(), shutdown.clone());
    let store = writer.opened(PATIENCE).await.unwrap();
    let mut promised = 0;
    let mut refused = 0;
    while refused < 5 {
        let mut entry = audit("ann", "trigger");
        entry.detail = Some("x".repeat(4_000));
        match writer.record(Record::Audit(entry)).await {
            Ok(()) => promised += 1,
            Err(_) => refused += 1,
        }
        assert!(promised < 10_000, "the disk never gets full");
    }
    let health = writer.health().borrow().clone();
    assert!(
        !health.up && health.detail.as_ref().unwrap().contains("full"),
        "{health:?}"
    );
    // Reading continues, and nothing that was written is lost.
    assert!(store.check().await.unwrap().problems.is_empty());
    std::fs::remove_file(ballast).unwrap();
    until("it takes writes again", async || {
        let health = writer.health().borrow().clone();
        health.up && health.spooled == 0
    })
    .await;
    let report = store.check().await.unwrap();
    // What was refused may have been written all the same once there was room.
    assert!(
        report.problems.is_empty() && (promised..=promised + refused).contains(&report.audit),
        "{report:?}"
    );
    shutdown.cancel();
    writer.ended().await;
}

#[test]
fn read_only_file_system_is_read() {
    let folder = Folder::new();
    let prepare = r#""$TEST" --exact disk::child_before_it_is_read_only --ignored --quiet && mount -o remount,bind,ro "$STORE_FOLDER" && "#;
    in_small_file_system("disk::child_on_a_read_only_file_system", &folder, prepare);
}

#[tokio::test]
#[ignore = "process of another test"]
async fn child_before_it_is_read_only() {
    let (_, database) = database();
    let store = Store::open(&database).await.unwrap();
    store
        .write(&[record(full("r", 0)), Record::Audit(audit("ann", "trigger"))])
        .await
        .unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "process of another test"]
async fn child_on_a_read_only_file_system() {
    let (_, database) = database();
    let shutdown = CancellationToken::new();
    let writer = Writer::start(database, Options::default(), shutdown.clone());
    let store = writer.opened(PATIENCE).await.unwrap();
    let Mode::ReadOnly { reason } = store.mode() else {
        panic!("it may be written")
    };
    assert!(
        reason.starts_with("its file may not be written"),
        "{reason}"
    );
    assert_eq!(
        store
            .history(&HistoryFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        store
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    until("it says so", async || {
        writer.health().borrow().detail.is_some()
    })
    .await;
    assert!(
        writer
            .record(Record::Audit(audit("bob", "cancel")))
            .await
            .is_err()
    );
    shutdown.cancel();
    writer.ended().await;
}

#[test]
fn named_test_runs_in_a_child_process() {
    let folder = Folder::new();
    let done = child("disk::child_before_it_is_read_only")
        .env("STORE_FOLDER", &folder.0)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

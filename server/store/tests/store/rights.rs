//! What a role or a file may not do is said in one line, and what it may do works.

use crate::support::runs::*;
use crate::support::{Folder, Place, cluster};
use model::RunStatus;
use store::{AuditFilter, Database, HistoryFilter, Mode, Store, StoreError};

/// A role of its own, and the address under which it comes in.
async fn role(place: &Place, name: &str) -> Database {
    let (_, database) = place.uri.rsplit_once('/').unwrap();
    place.sql(&format!("DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {name}")).await;
    Database::parse(&cluster::shared().await.uri_of(name, database)).unwrap()
}

fn reason(store: &Store) -> String {
    match store.mode() {
        Mode::ReadOnly { reason } => reason,
        Mode::ReadWrite => panic!("it may write"),
    }
}

#[tokio::test]
async fn a_role_that_may_only_read_the_old_table_serves_its_history() {
    let place = Place::postgres().await;
    let database = role(&place, "reads_old").await;
    place
        .sql(include_str!("../../schema/processing_runs-postgres.sql"))
        .await;
    let mut rows =
        "INSERT INTO processing_runs (run_id, status, started_at, symbols_failed) VALUES ('null', NULL, NULL, NULL)"
            .to_owned();
    for n in 0..30 {
        let status = if n % 3 == 0 { "failed" } else { "success" };
        rows += &format!(
            ", ('r{n:02}', '{status}', TIMESTAMP '2025-01-27 21:10:00' + INTERVAL '{n} minutes', 0)"
        );
    }
    place.sql(&rows).await;
    place
        .sql("GRANT SELECT ON processing_runs TO reads_old")
        .await;
    let store = Store::open(&database).await.unwrap();
    let said = reason(&store);
    assert!(
        said.contains("grant it CREATE on the schema") && !said.contains('\n'),
        "{said}"
    );
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .history(&HistoryFilter::default(), after.as_ref(), 7)
            .await
            .unwrap();
        found.extend(page.rows.iter().map(|run| run.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    // Of the row without a beginning it is known when it was made: just now.
    let mut expected = vec!["null".to_owned()];
    expected.extend((0..30).rev().map(|n| format!("r{n:02}")));
    assert_eq!(found, expected);
    let failed = HistoryFilter {
        status: Some(RunStatus::Failed),
        ..HistoryFilter::default()
    };
    assert_eq!(
        store.history(&failed, None, 200).await.unwrap().rows.len(),
        10
    );
    assert_eq!(
        store.run(&id("r01")).await.unwrap().unwrap().summary.status,
        RunStatus::Succeeded
    );
    assert!(store.load_state().await.unwrap().is_none());
    let refused = store.write(&[record(full("r", 0))]).await;
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_role_without_any_right_is_told_so() {
    let place = Place::postgres().await;
    let database = role(&place, "reads_nothing").await;
    let error = Store::open(&database).await.err().unwrap();
    assert!(
        matches!(error, StoreError::ReadOnly { .. }) && error.one_line().contains("grant"),
        "{}",
        error.one_line()
    );
}

#[tokio::test]
async fn a_role_that_may_read_the_consoles_tables_reads_them() {
    let place = Place::postgres().await;
    place
        .open()
        .await
        .write(&[record(full("r", 0))])
        .await
        .unwrap();
    let database = role(&place, "reads_all").await;
    place
        .sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reads_all")
        .await;
    let store = Store::open(&database).await.unwrap();
    assert!(
        reason(&store).contains("may not write console_"),
        "{}",
        reason(&store)
    );
    assert!(store.run(&id("r")).await.unwrap().unwrap().run.is_some());
}

#[tokio::test]
async fn the_old_table_may_be_out_of_bounds_for_writing() {
    let place = Place::postgres().await;
    place
        .sql(include_str!("../../schema/processing_runs-postgres.sql"))
        .await;
    place
        .sql("INSERT INTO processing_runs (run_id, status) VALUES ('old', 'success')")
        .await;
    let database = role(&place, "writes_own").await;
    place.sql("GRANT CREATE ON SCHEMA public TO writes_own; GRANT SELECT ON processing_runs TO writes_own").await;
    let store = Store::open(&database).await.unwrap();
    assert_eq!(store.mode(), Mode::ReadWrite);
    assert!(
        store
            .mirror_problem()
            .unwrap()
            .contains("may not write processing_runs")
    );
    store.write(&[record(full("r", 0))]).await.unwrap();
    assert_eq!(
        store
            .history(&HistoryFilter::default(), None, 10)
            .await
            .unwrap()
            .rows
            .len(),
        2
    );
    assert_eq!(
        place
            .text("SELECT COUNT(*)::TEXT FROM processing_runs")
            .await
            .as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let place = Place::postgres().await;
    let sql =
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'";
    place.sql(sql).await;
    let error = Store::open(&Database::parse(&cluster::shared().await.uri("latin")).unwrap())
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "the database encoding LATIN1 is not supported; expected UTF8"
    );
}

#[tokio::test]
async fn a_file_that_is_opened_for_reading_is_read() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.write(&[record(full("r", 0))]).await.unwrap();
    let reading = Store::open(&Database::parse(&format!("{}?mode=ro", place.uri)).unwrap())
        .await
        .unwrap();
    assert!(reason(&reading).contains("opened for reading"));
    assert!(reading.run(&id("r")).await.unwrap().is_some());
    assert!(matches!(
        reading.write(&[record(full("s", 0))]).await,
        Err(StoreError::ReadOnly { .. })
    ));
    assert!(
        reading
            .audit(&AuditFilter::default(), None, 5)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_no_database_is_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.0.join("notes.txt");
    std::fs::write(
        &path,
        "this is no database, and somebody wants to keep it".repeat(100),
    )
    .unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(&Database::parse(&format!("sqlite://{}", path.display())).unwrap())
        .await
        .err()
        .unwrap();
    assert!(
        error.one_line().contains("not a database"),
        "{}",
        error.one_line()
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let nowhere = path.join("below").join("x.db");
    let error = Store::open(&Database::parse(&format!("sqlite://{}", nowhere.display())).unwrap())
        .await
        .err()
        .unwrap();
    assert!(
        error.one_line().contains("failed to create"),
        "{}",
        error.one_line()
    );
}

//! The old code's table: taken as it is, read, and written so that the old code can read it.

use crate::both;
use crate::support::Place;
use crate::support::runs::*;
use model::RunStatus;
use store::{HistoryFilter, Mode, Store};

/// The table as TickStockAppV2 made it, with a column that it alone knows.
fn old_table(sqlite: bool) -> String {
    let mut sql = include_str!("../../schema/processing_runs-postgres.sql")
        .replace("metadata JSONB,", "metadata JSONB, their_own TEXT,");
    if sqlite {
        sql = sql.replace("JSONB", "TEXT");
    }
    sql + "
        INSERT INTO processing_runs (run_id, trigger_type, status, started_at, completed_at, duration_seconds,
            symbols_processed, symbols_failed, error_message, their_own)
        VALUES ('ok', 'automatic', 'success', '2025-01-26 21:10:00.123456', '2025-01-26 21:45:00', 2100, 500, 0, NULL, 'mine'),
            ('warned', 'manual', 'success', '2025-01-25 21:10:00', NULL, NULL, 490, 10, NULL, NULL),
            ('bad', 'manual', 'failed', '2025-01-24 21:10:00', '2025-01-24 21:11:00', 60, 0, 0, 'no data', NULL),
            ('stuck', 'manual', 'running', '2025-01-23 21:10:00', NULL, NULL, 3, 0, NULL, NULL);
        INSERT INTO processing_runs (run_id, created_at) VALUES ('nothing', NULL);"
}

both! {
    rows_that_only_the_old_code_wrote_are_read,
    an_old_row_is_continued_without_losing_what_the_old_code_put_there,
    rows_that_the_old_code_writes_meanwhile_are_taken_over,
    many_that_start_at_once_make_the_tables_once,
    tables_of_a_newer_console_are_left_alone,
    a_table_that_lacks_a_column_is_neither_changed_nor_written,
}

async fn rows_that_only_the_old_code_wrote_are_read(place: Place) {
    place.sql(&old_table(place.is_sqlite())).await;
    for _ in 0..2 {
        let store = place.open().await;
        let page = store
            .history(&HistoryFilter::default(), None, 50)
            .await
            .unwrap();
        let found: Vec<_> = page
            .rows
            .iter()
            .map(|run| (run.id.as_str(), run.status))
            .collect();
        assert_eq!(
            found,
            [
                ("ok", RunStatus::Succeeded),
                ("warned", RunStatus::SucceededWithWarnings),
                ("bad", RunStatus::Failed),
                ("stuck", RunStatus::Lost),
                ("nothing", RunStatus::Lost),
            ]
        );
        let adopted =
            "SELECT CAST(COUNT(*) AS TEXT) FROM console_runs WHERE origin = 'processing_runs'";
        assert_eq!(place.text(adopted).await.as_deref(), Some("5"));
        let ok = &page.rows[0];
        assert_eq!(
            ok.started_at.unwrap().to_string(),
            "2025-01-26T21:10:00.123Z"
        );
        assert_eq!(
            (ok.duration_seconds, ok.processed, ok.failed),
            (Some(2100.0), Some(500), Some(0))
        );
        assert_eq!(page.rows[2].message.as_deref(), Some("no data"));
        assert_eq!(store.run(&id("warned")).await.unwrap().unwrap().run, None);
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
        store.close().await;
    }
}

async fn an_old_row_is_continued_without_losing_what_the_old_code_put_there(place: Place) {
    place.sql(&old_table(place.is_sqlite())).await;
    place
        .sql(r#"UPDATE processing_runs SET metadata = '{"theirs": 1}' WHERE run_id = 'ok'"#)
        .await;
    let store = place.open().await;
    store.write(&[record(full("ok", 0))]).await.unwrap();
    let field = async |name: &str| {
        place
            .text(&format!(
                "SELECT CAST({name} AS TEXT) FROM processing_runs WHERE run_id = 'ok'"
            ))
            .await
    };
    assert_eq!(field("their_own").await.as_deref(), Some("mine"));
    assert_eq!(field("metadata").await.as_deref(), Some(r#"{"theirs": 1}"#));
    assert_eq!(field("symbols_failed").await.as_deref(), Some("2"));
    let run = store.run(&id("ok")).await.unwrap().unwrap();
    let origin = "SELECT origin FROM console_runs WHERE run_id = 'ok'";
    assert_eq!(place.text(origin).await.as_deref(), Some("console"));
    assert!(run.run.is_some());
}

async fn rows_that_the_old_code_writes_meanwhile_are_taken_over(place: Place) {
    place.sql(&old_table(place.is_sqlite())).await;
    let store = place.open().await;
    let now = if place.is_sqlite() {
        "datetime('now')"
    } else {
        "(now() AT TIME ZONE 'UTC')"
    };
    place
        .sql(&format!("INSERT INTO processing_runs (run_id, status, started_at) VALUES ('new', 'running', {now})"))
        .await;
    assert_eq!(store.adopt(Some(BEGIN)).await.unwrap(), 1);
    assert_eq!(
        store.run(&id("new")).await.unwrap().unwrap().summary.status,
        RunStatus::Running
    );
    place
        .sql("UPDATE processing_runs SET status = 'success' WHERE run_id = 'new'")
        .await;
    assert_eq!(store.adopt(Some(BEGIN)).await.unwrap(), 1);
    assert_eq!(store.adopt(Some(BEGIN)).await.unwrap(), 0);
    assert_eq!(
        store.run(&id("new")).await.unwrap().unwrap().summary.status,
        RunStatus::Succeeded
    );
}

async fn many_that_start_at_once_make_the_tables_once(place: Place) {
    let database = place.database();
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { Store::open(&database).await })
        })
        .collect();
    for store in opening {
        let store = store
            .await
            .unwrap()
            .unwrap_or_else(|error| panic!("{}", error.one_line()));
        assert_eq!(store.mode(), Mode::ReadWrite);
    }
    let sql = "SELECT CAST(COUNT(*) AS TEXT) || '/' || CAST(MAX(version) AS TEXT) FROM console_migrations";
    assert_eq!(
        place.text(sql).await.as_deref(),
        Some("5/5"),
        "each step once"
    );
}

async fn tables_of_a_newer_console_are_left_alone(place: Place) {
    place.open().await.close().await;
    place
        .sql("INSERT INTO console_migrations VALUES (999, 0)")
        .await;
    let error = Store::open(&place.database()).await.err().unwrap();
    assert!(error.to_string().contains("999"), "{error}");
}

async fn a_table_that_lacks_a_column_is_neither_changed_nor_written(place: Place) {
    place
        .sql("CREATE TABLE processing_runs (run_id VARCHAR(64) PRIMARY KEY, status VARCHAR(32))")
        .await;
    place
        .sql("INSERT INTO processing_runs VALUES ('old', 'success')")
        .await;
    let store = place.open().await;
    assert!(
        store
            .mirror_problem()
            .unwrap()
            .contains("has no column trigger_type")
    );
    store.write(&[record(full("r", 0))]).await.unwrap();
    assert!(store.run(&id("r")).await.unwrap().is_some());
    assert_eq!(
        place
            .text("SELECT CAST(COUNT(*) AS TEXT) FROM processing_runs")
            .await
            .as_deref(),
        Some("1")
    );
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

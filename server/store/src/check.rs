//! Whether the database is sound: by its own check, and by what always holds between our tables.

use crate::sql::{Engine, args};
use crate::{Store, StoreError};
use model::RunStatus;
use serde::{Deserialize, Serialize};

/// Problems of one kind that are named.
const NAMED: i64 = 20;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// What is wrong, a line each; empty where all is well.
    pub problems: Vec<String>,
    /// Runs that are kept.
    pub runs: u64,
    /// Events that are kept.
    pub events: u64,
    /// Entries of the audit.
    pub audit: u64,
}

/// What must find nothing: a statement that names the keys of what is wrong, and what is wrong with
/// them.
const NOTHING: &[(&str, &str)] = &[
    (
        "SELECT d.run_key FROM console_run_details d LEFT JOIN console_runs r ON r.run_key = d.run_key
            WHERE r.run_key IS NULL LIMIT $1",
        "has details but is no run",
    ),
    (
        "SELECT DISTINCT p.run_key FROM console_phases p LEFT JOIN console_runs r ON r.run_key = p.run_key
            WHERE r.run_key IS NULL LIMIT $1",
        "has phases but is no run",
    ),
    (
        "SELECT DISTINCT f.run_key FROM console_failed_symbols f LEFT JOIN console_runs r ON r.run_key = f.run_key
            WHERE r.run_key IS NULL LIMIT $1",
        "has failed symbols but is no run",
    ),
    (
        "SELECT d.run_key FROM console_run_details d JOIN console_phases p ON p.run_key = d.run_key
            GROUP BY d.run_key HAVING COUNT(*) <> 4 LIMIT $1",
        "has not four phases",
    ),
    (
        "SELECT run_key FROM console_runs WHERE comparable = 1
            AND status NOT IN ('succeeded', 'succeeded_with_warnings') LIMIT $1",
        "did not end well but counts in baselines",
    ),
];

/// The same where `processing_runs` is kept up to date.
const MIRRORED: &[(&str, &str)] = &[
    (
        "SELECT c.run_key FROM console_runs c LEFT JOIN processing_runs p ON p.run_id = c.run_key
            WHERE p.run_id IS NULL AND c.origin = 'console' LIMIT $1",
        "is not in processing_runs",
    ),
    (
        "SELECT c.run_key FROM console_runs c JOIN processing_runs p ON p.run_id = c.run_key WHERE c.origin = 'console'
            AND p.status <> CASE WHEN c.status IN ('running', 'cancelling') THEN 'running'
                WHEN c.status IN ('succeeded', 'succeeded_with_warnings') THEN 'success' ELSE 'failed' END LIMIT $1",
        "has another status in processing_runs",
    ),
];

impl Store {
    /// Checks the database. It reads all of it: with a large one this takes a while.
    ///
    /// # Errors
    /// When the database is unavailable. What is wrong with what it holds is in the report.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        let statement = || StoreError::statement("check the database");
        let mut link = self.reader().await?;
        let mut report = CheckReport::default();
        if self.engine() == Engine::Sqlite {
            let rows = link
                .rows("PRAGMA integrity_check(20)", args![])
                .await
                .map_err(statement())?;
            for row in rows {
                let line: String = row.get("integrity_check").map_err(statement())?;
                if line != "ok" {
                    report.problems.push(format!("SQLite: {line}"));
                }
            }
        }
        if !self.tables.console {
            return Ok(report);
        }
        let statuses: Vec<_> = RunStatus::ALL
            .iter()
            .map(|status| format!("'{}'", status.wire_name()))
            .collect();
        let sql = format!(
            "SELECT run_key FROM console_runs WHERE status NOT IN ({}) LIMIT $1",
            statuses.join(", ")
        );
        for row in link
            .rows_built(sql, args![NAMED])
            .await
            .map_err(statement())?
        {
            report.problems.push(format!(
                "run {:?} has an unknown status",
                row.get::<String>("run_key").map_err(statement())?
            ));
        }
        let mirrored: &[_] = if self.tables.no_mirror.is_none() && self.tables.old {
            MIRRORED
        } else {
            &[]
        };
        for (sql, problem) in NOTHING.iter().chain(mirrored) {
            for row in link.rows(sql, args![NAMED]).await.map_err(statement())? {
                report.problems.push(format!(
                    "run {:?} {problem}",
                    row.get::<String>("run_key").map_err(statement())?
                ));
            }
        }
        self.details(&mut report).await?;
        for (sql, count) in [
            ("SELECT COUNT(*) FROM console_runs", &mut report.runs),
            ("SELECT COUNT(*) FROM console_events", &mut report.events),
            ("SELECT COUNT(*) FROM console_audit", &mut report.audit),
        ] {
            *count = link.number(sql, args![]).await.map_err(statement())?.max(0) as u64;
        }
        Ok(report)
    }

    /// Every run's JSON is that run's. Its status may be an earlier one than its line's, which
    /// TickStockPL's history corrects.
    async fn details(&self, report: &mut CheckReport) -> Result<(), StoreError> {
        let statement = || StoreError::statement("check runs");
        let mut link = self.reader().await?;
        let mut after = String::new();
        loop {
            let sql = "SELECT run_key, run FROM console_run_details WHERE run_key > $1 ORDER BY run_key LIMIT 100";
            let rows = link.rows(sql, args![&after]).await.map_err(statement())?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.get("run_key").map_err(statement())?;
            for row in rows {
                let read = || Ok((row.get::<String>("run_key")?, row.get::<String>("run")?));
                let (key, json) = read().map_err(statement())?;
                match serde_json::from_str::<model::Run>(&json) {
                    Err(error) => report
                        .problems
                        .push(format!("run {key:?} cannot be read: {error}")),
                    Ok(run) if crate::text::run_key(run.id.as_str()) != key => {
                        report
                            .problems
                            .push(format!("run {key:?} holds run {:?}", run.id.as_str()));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
}

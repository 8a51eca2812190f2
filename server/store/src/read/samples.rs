//! Durations of earlier runs, from which `model` computes baselines.

use super::within;
use crate::sql::{Row, args};
use crate::text::universes;
use crate::{Store, StoreError, limits};
use model::RunSample;

impl Store {
    /// The newest runs of these universes, in whatever order they are named, that may count in
    /// baselines; newest first, at most [`crate::limits::SAMPLES`]. Which of them are comparable is
    /// the model's to say: see [`model::baselines`].
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn run_samples(&self, names: &[String]) -> Result<Vec<RunSample>, StoreError> {
        within("read run durations", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT r.run_key, r.status, r.started_at, r.ended_at, r.duration_seconds, r.symbols_total,
                    p.phase, p.status AS phase_status, p.seconds
                FROM (SELECT run_key, sort_us, status, started_at, ended_at, duration_seconds, symbols_total
                    FROM console_runs WHERE comparable = 1 AND universes = $1 ORDER BY sort_us DESC LIMIT $2) r
                JOIN console_phases p ON p.run_key = r.run_key ORDER BY r.sort_us DESC, r.run_key";
            let args = args![universes(names), limits::SAMPLES as i64];
            let rows = self.reader().await?.rows(sql, args).await;
            rows.and_then(|rows| read(&rows, names)).map_err(StoreError::statement("read run durations"))
        })
        .await
    }
}

/// Puts together the samples, whose phases are rows in a row.
fn read(rows: &[Row], names: &[String]) -> sqlx::Result<Vec<RunSample>> {
    let mut samples: Vec<RunSample> = Vec::new();
    let mut current = None;
    for row in rows {
        let key: String = row.get("run_key")?;
        if current.as_ref() != Some(&key) {
            current = Some(key);
            samples.push(RunSample {
                status: row.get("status")?,
                universes: names.to_vec(),
                symbols: row.get("symbols_total")?,
                started_at: row.get("started_at")?,
                ended_at: row.get("ended_at")?,
                duration_seconds: row.get("duration_seconds")?,
                phases: Vec::new(),
            });
        }
        if let Some(sample) = samples.last_mut() {
            let phase = (
                row.get("phase")?,
                row.get("phase_status")?,
                row.get("seconds")?,
            );
            sample.phases.push(phase);
        }
    }
    Ok(samples)
}

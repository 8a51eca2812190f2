//! Durations of earlier runs, from which `model` computes baselines.

use super::{of_word, within};
use crate::sql::{Row, args};
use crate::write::universes;
use crate::{Store, StoreError, limits};
use contract::Phase;
use model::{RunSample, RunStatus};

impl Store {
    /// The newest runs of these universes, in whatever order they are named, that may count in
    /// baselines; newest first, at most [`crate::limits::SAMPLES`]. Which of them are comparable is
    /// the model's to say: see [`model::baselines`].
    ///
    /// # Errors
    /// When the database is away.
    pub async fn run_samples(&self, names: &[String]) -> Result<Vec<RunSample>, StoreError> {
        within("reading durations of runs", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT r.run_key, r.status, r.started_at, r.ended_at, r.duration_seconds, r.symbols_total,
                    p.phase, p.status, p.seconds
                FROM (SELECT run_key, sort_us, status, started_at, ended_at, duration_seconds, symbols_total
                    FROM console_runs WHERE comparable = 1 AND universes = $1 ORDER BY sort_us DESC LIMIT $2) r
                JOIN console_phases p ON p.run_key = r.run_key ORDER BY r.sort_us DESC, r.run_key";
            let args = args![universes(names), limits::SAMPLES as i64];
            let rows = self.reader().await?.rows(sql, args).await;
            rows.and_then(|rows| read(&rows, names)).map_err(StoreError::statement("reading durations of runs"))
        })
        .await
    }
}

/// Puts together the samples, whose phases are rows in a row.
fn read(rows: &[Row], names: &[String]) -> sqlx::Result<Vec<RunSample>> {
    let mut samples: Vec<RunSample> = Vec::new();
    let mut current = None;
    for row in rows {
        let key = row.word(0)?;
        if current.as_ref() != Some(&key) {
            current = Some(key);
            samples.push(RunSample {
                status: RunStatus::from_wire_name(&row.word(1)?).unwrap_or(RunStatus::Lost),
                universes: names.to_vec(),
                symbols: row.count(5)?,
                started_at: row.time(2)?,
                ended_at: row.time(3)?,
                duration_seconds: row.real(4)?,
                phases: Vec::new(),
            });
        }
        if let (Some(sample), Some(phase), Some(status)) = (
            samples.last_mut(),
            Phase::parse(&row.word(6)?),
            of_word(&row.word(7)?),
        ) {
            sample.phases.push((phase, status, row.real(8)?));
        }
    }
    Ok(samples)
}

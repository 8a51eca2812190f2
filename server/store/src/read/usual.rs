//! How long runs and their phases usually take, from the last good runs of the same universes.

use super::within;
use crate::sql::args;
use crate::write::universes;
use crate::{Store, StoreError, limits};
use contract::Phase;
use serde::{Deserialize, Serialize};

/// What is usual, or that nothing can be called so yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usual {
    /// Fewer than [`crate::limits::USUAL_LEAST`] comparable runs.
    NotEnough {
        /// How many there are.
        runs: usize,
    },
    /// Enough.
    Times(Box<UsualTimes>),
}

/// What is usual. Comparable are runs that went well (failed symbols do not matter), had all four phases, and were of
/// the same universes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsualTimes {
    /// How many runs it is taken from, at most [`crate::limits::USUAL_RUNS`].
    pub runs: usize,
    /// Each phase, in order.
    pub phases: [Spread; 4],
    /// The whole run.
    pub whole: Spread,
}

/// Seconds that something usually takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// One in ten takes less.
    pub p10_seconds: f64,
    /// Half take less.
    pub median_seconds: f64,
    /// One in ten takes more.
    pub p90_seconds: f64,
}

impl Spread {
    /// Of some seconds; between two of them it is interpolated.
    fn of(mut seconds: Vec<f64>) -> Spread {
        seconds.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (seconds.len().saturating_sub(1)) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            match (seconds.get(below), seconds.get(above)) {
                (Some(low), Some(high)) => low + (high - low) * place.fract(),
                _ => 0.0,
            }
        };
        Spread { p10_seconds: at(0.1), median_seconds: at(0.5), p90_seconds: at(0.9) }
    }
}

impl Store {
    /// What is usual for runs of these universes, in whatever order they are named.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn usual(&self, names: &[String]) -> Result<Usual, StoreError> {
        within("reading usual times", async {
            if !self.tables.console {
                return Ok(Usual::NotEnough { runs: 0 });
            }
            let sql = "SELECT r.run_key, p.phase, p.seconds, r.duration_seconds
                FROM (SELECT run_key, duration_seconds FROM console_runs
                    WHERE comparable = 1 AND universes = $1 ORDER BY sort_us DESC LIMIT $2) r
                JOIN console_phases p ON p.run_key = r.run_key WHERE p.seconds IS NOT NULL";
            let args = args![universes(names), limits::USUAL_RUNS as i64];
            let rows = self.reader().await?.rows(sql, args).await;
            let doing = StoreError::statement("reading usual times");
            let read = |rows: Vec<crate::sql::Row>| {
                let mut phases: [Vec<f64>; 4] = Default::default();
                let mut whole = std::collections::BTreeMap::new();
                for row in rows {
                    if let (Some(phase), Some(seconds)) = (Phase::parse(&row.word(1)?), row.real(2)?) {
                        phases[phase.index()].push(seconds);
                        let sum: &mut (Option<f64>, f64) = whole.entry(row.word(0)?).or_default();
                        *sum = (row.real(3)?, sum.1 + seconds);
                    }
                }
                Ok((phases, whole))
            };
            let (phases, whole) = rows.and_then(read).map_err(doing)?;
            let runs = whole.len();
            if runs < limits::USUAL_LEAST {
                return Ok(Usual::NotEnough { runs });
            }
            let whole = whole.into_values().map(|(said, sum)| said.unwrap_or(sum)).collect();
            Ok(Usual::Times(Box::new(UsualTimes { runs, phases: phases.map(Spread::of), whole: Spread::of(whole) })))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_eleven_runs_is_their_second_middle_and_tenth() {
        let spread = Spread::of((0..11).rev().map(|n| f64::from(n) * 10.0).collect());
        assert_eq!(spread, Spread { p10_seconds: 10.0, median_seconds: 50.0, p90_seconds: 90.0 });
    }
}

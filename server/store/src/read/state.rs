//! The last state, for the next start.

use super::run::correct;
use super::within;
use crate::sql::{Row, args};
use crate::{Store, StoreError};
use contract::Timestamp;
use model::{Run, RunStatus, RunSummary, State, limits};

/// Rows of runs that are looked at.
const RUNS: usize = 8;

/// What the console knew when it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct LastState {
    /// The state, with the newest of its run, which is written more often.
    pub state: State,
    /// When it was so, by that console's clock.
    pub at: Timestamp,
    /// Until when TickStockPL's events were heard; later ones may have been missed.
    pub heard_until: Timestamp,
}

impl Store {
    /// The last state that was written. `None` where there is none, or none that this version of
    /// the console can read.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn load_state(&self) -> Result<Option<LastState>, StoreError> {
        within("read the last state", async {
            if !self.tables.console {
                return Ok(None);
            }
            let statement = || StoreError::statement("read the last state");
            let mut link = self.reader().await?;
            let row = link.row("SELECT at, state FROM console_state WHERE id = 1", args![]).await;
            let row = row.map_err(statement())?;
            let read = row.map(|row| Ok((row.get("at")?, row.get::<String>("state")?))).transpose();
            let stored = read.map_err(statement())?;
            // A row that is active is followed, whatever the state knows: somebody has to hear of
            // its end.
            let active = RunStatus::ALL.iter().filter(|status| status.is_active());
            let active: Vec<_> = active.map(|status| status.wire_name()).collect();
            let sql = format!(
                "SELECT d.run, r.status, r.message FROM console_run_details d
                JOIN console_runs r ON r.run_key = d.run_key
                ORDER BY CASE WHEN r.status IN ('{}') THEN 0 ELSE 1 END, d.heard_at DESC LIMIT {RUNS}",
                active.join("', '")
            );
            let rows = link.rows_built(sql, args![]).await.map_err(statement())?;
            let read = |row: &Row| Ok((row.get::<String>("run")?, row.get("status")?, row.get::<Option<String>>("message")?));
            let rows: Vec<_> = rows.iter().map(read).collect::<sqlx::Result<_>>().map_err(statement())?;
            let runs = rows.into_iter().filter_map(|(json, status, message)| {
                let mut run: Run = serde_json::from_str(&json).ok()?;
                correct(&mut run, status, message.as_deref());
                Some(run)
            });
            let runs: Vec<_> = runs.collect();
            let sql = "SELECT at FROM console_heard WHERE id = 1";
            let row = link.row(sql, args![]).await.map_err(statement())?;
            let heard_until: Option<Timestamp> = row.map(|row| row.get("at")).transpose().map_err(statement())?.flatten();
            let state = stored.and_then(|(at, json)| match serde_json::from_str(&json) {
                Ok(state) => Some((at, state)),
                Err(error) => {
                    tracing::warn!(%error, "stored state is of another version, starting without it");
                    None
                }
            });
            let heard_at = runs.iter().map(|run| run.heard_at).max();
            let state = match (state, heard_at) {
                (Some((at, mut state)), _) => {
                    let newer = runs.into_iter().filter_map(|run| bring_up(&mut state, run)).max();
                    Some((newer.map_or(at, |newer| newer.max(at)), state))
                }
                (None, Some(heard_at)) => {
                    let mut state = State::default();
                    runs.into_iter().for_each(|run| _ = bring_up(&mut state, run));
                    Some((heard_at, state))
                }
                (None, None) => None,
            };
            Ok(state.map(|(at, state)| {
                // While events were heard and changed nothing, the state was still so.
                let at = heard_until.map_or(at, |heard| heard.max(at));
                LastState { state, at, heard_until: heard_until.unwrap_or(at) }
            }))
        })
        .await
    }
}

/// Puts the run into the state where the state does not know it so far; gives when it was heard of.
fn bring_up(state: &mut State, run: Run) -> Option<Timestamp> {
    let heard_at = run.heard_at;
    if run.id_unknown {
        return None;
    }
    if let Some(known) = state
        .run
        .iter_mut()
        .chain(&mut state.others)
        .find(|known| known.id == run.id)
    {
        if known.heard_at >= heard_at {
            return None;
        }
        *known = run;
    } else if run.is_active() {
        state.earlier.retain(|earlier| earlier.id != run.id);
        state.others.push(run);
    } else if state
        .run
        .as_ref()
        .is_none_or(|shown| !shown.is_active() && shown.heard_at < heard_at)
    {
        state.earlier.retain(|earlier| earlier.id != run.id);
        if let Some(shown) = state.run.replace(run) {
            remember(state, RunSummary::from(&shown));
        }
    } else if state
        .run
        .as_ref()
        .is_some_and(|shown| shown.is_active() && shown.heard_at < heard_at)
    {
        remember(state, RunSummary::from(&run));
    } else {
        return None;
    }
    Some(heard_at)
}

fn remember(state: &mut State, run: RunSummary) {
    let run = run.without_parameters();
    state.earlier.retain(|earlier| earlier.id != run.id);
    state.earlier.insert(0, run);
    state.earlier.truncate(limits::RUNS);
}

//! The last state, for the next start.

use super::run::correct;
use super::within;
use crate::sql::args;
use crate::{Store, StoreError};
use contract::Timestamp;
use model::{Run, RunStatus, RunSummary, State, limits};

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
    /// The last state that was written. `None` where there is none, or none that this version of the console can read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load_state(&self) -> Result<Option<LastState>, StoreError> {
        within("reading the last state", async {
            if !self.tables.console {
                return Ok(None);
            }
            let statement = || StoreError::statement("reading the last state");
            let mut link = self.reader().await?;
            let row = link.row("SELECT at, state FROM console_state WHERE id = 1", args![]).await;
            let row = row.map_err(statement())?;
            let read = row.map(|row| Ok((row.time(0)?.unwrap_or_default(), row.word(1)?))).transpose();
            let stored = read.map_err(statement())?;
            let sql = "SELECT d.run, r.status, r.message FROM console_run_details d
                JOIN console_runs r ON r.run_key = d.run_key ORDER BY d.heard_at DESC LIMIT 1";
            let row = link.row(sql, args![]).await.map_err(statement())?;
            let read = row.map(|row| Ok((row.word(0)?, row.word(1)?, row.text(2)?))).transpose();
            let run = read.map_err(statement())?.and_then(|(json, status, message)| {
                let mut run: Run = serde_json::from_str(&json).ok()?;
                correct(&mut run, RunStatus::parse(&status)?, message.as_deref());
                Some(run)
            });
            let sql = "SELECT at FROM console_heard WHERE id = 1";
            let row = link.row(sql, args![]).await.map_err(statement())?;
            let heard_until = row.map(|row| row.time(0)).transpose().map_err(statement())?.flatten();
            let state = stored.and_then(|(at, json)| match serde_json::from_str(&json) {
                Ok(state) => Some((at, state)),
                Err(error) => {
                    tracing::warn!(%error, "stored state is of another version, starting without it");
                    None
                }
            });
            let state = match (state, run) {
                (Some((at, mut state)), Some(run)) => {
                    let heard_at = run.heard_at;
                    if bring_up(&mut state, run) { Some((at.max(heard_at), state)) } else { Some((at, state)) }
                }
                (Some(stored), None) => Some(stored),
                (None, Some(run)) => {
                    let heard_at = run.heard_at;
                    let mut state = State::default();
                    state.run = Some(run);
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

/// Puts the run into the state where it is newer than the state's own; the state's own becomes an earlier one.
fn bring_up(state: &mut State, run: Run) -> bool {
    match &state.run {
        Some(shown) if shown.heard_at >= run.heard_at => return false,
        Some(shown) if shown.id != run.id => {
            state.earlier.retain(|earlier| earlier.id != shown.id && earlier.id != run.id);
            state.earlier.insert(0, RunSummary::from(shown));
            state.earlier.truncate(limits::RUNS);
        }
        _ => {}
    }
    state.run = Some(run);
    true
}

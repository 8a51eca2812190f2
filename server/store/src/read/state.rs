//! The last state, for the next start.

use super::within;
use crate::sql::args;
use crate::{Store, StoreError};
use contract::Timestamp;
use model::{Run, RunSummary, State, limits};

impl Store {
    /// The last state that was written, and when; with the newest of its run and the run that was written last, since
    /// runs are written more often. `None` where there is none, or none that this version of the console can read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load_state(&self) -> Result<Option<(Timestamp, State)>, StoreError> {
        within("reading the last state", async {
            if !self.tables.console {
                return Ok(None);
            }
            let doing = "reading the last state";
            let mut link = self.reader().await?;
            let row = link.row("SELECT at, state FROM console_state WHERE id = 1", args![]).await;
            let row = row.map_err(StoreError::statement(doing))?;
            let read = row.map(|row| Ok((row.time(0)?.unwrap_or_default(), row.word(1)?))).transpose();
            let stored = read.map_err(StoreError::statement(doing))?;
            let sql = "SELECT run FROM console_run_details ORDER BY heard_at DESC LIMIT 1";
            let row = link.row(sql, args![]).await.map_err(StoreError::statement(doing))?;
            let json = row.map(|row| row.word(0)).transpose().map_err(StoreError::statement(doing))?;
            let run: Option<Run> = json.and_then(|json| serde_json::from_str(&json).ok());
            let state = stored.and_then(|(at, json)| match serde_json::from_str(&json) {
                Ok(state) => Some((at, state)),
                Err(error) => {
                    tracing::warn!(%error, "the stored state is not one of this version; starting without it");
                    None
                }
            });
            Ok(match (state, run) {
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
            })
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

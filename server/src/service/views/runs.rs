//! Runs: those of the state, which are the newest, and those of the database.

use super::{DATABASE_TIMEOUT, PageViews, ROWS, list};
use crate::clock::now;
use app::ports::{ResultPage, RunView, RunsQuery};
use contract::{RunId, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, Run, RunStatus, RunSummary, State};
use store::{AuditFilter, HistoryFilter, RunRecord};
use tokio::time::timeout;

const DAY_MS: i64 = 86_400_000;
/// Events of one page.
const EVENTS: u32 = 200;
/// Entries of the audit log that are searched for those of one run.
const AUDITED: u32 = 200;

impl PageViews {
    /// A page of runs, newest first. The first page has those that are not written yet.
    pub async fn runs(&self, query: RunsQuery) -> ResultPage<RunSummary> {
        let days = query.days.clamp(1, 3650);
        let since = Timestamp(now().0 - i64::from(days) * DAY_MS);
        let filter = HistoryFilter {
            since: Some(since),
            status: query.status.as_deref().and_then(RunStatus::from_wire_name),
            trigger: query.trigger.clone(),
            universe: query.universe.clone(),
            text: query.text.clone(),
        };
        let after = query
            .cursor
            .as_deref()
            .and_then(|cursor| cursor.parse().ok());
        let store = self.persistence.store();
        let mut page = list(async { store?.history(&filter, after.as_ref(), ROWS).await }).await;
        let mut current = runs_of(&self.hub.state());
        // The state is newer than what was written of it.
        for stored in &mut page.rows {
            if let Some(fresh) = current.iter().find(|current| current.id == stored.id) {
                let written = std::mem::replace(stored, fresh.clone());
                stored.complete(written);
            }
        }
        if after.is_none() {
            // Only those that are newer than the page's end: the others come on the next one.
            let end = page
                .rows
                .last()
                .filter(|_| page.next.is_some())
                .and_then(RunSummary::list_time);
            current.retain(|current| {
                page.rows.iter().all(|stored| stored.id != current.id)
                    && matches(current, &query, since)
                    && end.is_none_or(|end| current.list_time() >= Some(end))
            });
            page.rows.extend(current);
            page.rows
                .sort_by_key(|run| std::cmp::Reverse(run.list_time()));
        }
        page
    }

    /// One run: from the state where it is shown, else from the database. Without the right to
    /// see the audit log it comes without its entries.
    pub async fn run(&self, id: RunId, with_audit: bool) -> Option<RunView> {
        let read = async { self.persistence.store()?.run(&id).await };
        let stored = timeout(DATABASE_TIMEOUT, read).await;
        let stored = stored.ok().and_then(Result::ok).flatten();
        let mut view = {
            let state = self.hub.state();
            match state.run.as_ref().filter(|run| run.id == id) {
                Some(run) => live_view(run.clone(), &state.errors),
                None => {
                    let earlier = state.earlier.iter().find(|run| run.id == id);
                    stored_view(earlier.cloned(), stored)?
                }
            }
        };
        view.errors.sort_by_key(|group| group.first_at);
        self.add_acknowledgements(&mut view.errors).await;
        if with_audit {
            view.audit = self.audit_of_run(&id).await;
        }
        Some(view)
    }

    /// A page of a run's events, oldest first.
    pub async fn events(&self, id: RunId, after: Option<i64>) -> ResultPage<EventSummary> {
        let store = self.persistence.store();
        list(async { store?.events(Some(&id), after, EVENTS).await }).await
    }

    /// Audit entries about the run, latest first.
    async fn audit_of_run(&self, id: &RunId) -> Vec<AuditEntry> {
        let filter = AuditFilter::default();
        let store = self.persistence.store();
        let page = list(async { store?.audit(&filter, None, AUDITED).await }).await;
        let about = |entry: &AuditEntry| {
            entry.target.as_deref() == Some(id.as_str())
                || entry
                    .detail
                    .as_ref()
                    .is_some_and(|detail| detail.contains(id.as_str()))
        };
        page.rows.into_iter().filter(about).collect()
    }
}

/// The runs of the state, the shown one first.
fn runs_of(state: &State) -> Vec<RunSummary> {
    let shown = state.run.as_ref().map(RunSummary::from);
    let is_shown = |id: &RunId| state.run.as_ref().is_some_and(|shown| shown.id == *id);
    let earlier = state.earlier.iter().filter(|run| !is_shown(&run.id));
    shown.into_iter().chain(earlier.cloned()).collect()
}

fn matches(run: &RunSummary, query: &RunsQuery, since: Timestamp) -> bool {
    let is = |wanted: &Option<String>, own: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| own == Some(wanted))
    };
    let text = query.text.as_ref().map(|text| text.to_lowercase());
    let whole = || {
        let parts = [
            Some(run.id.as_str()),
            run.trigger.as_deref(),
            run.message.as_deref(),
        ];
        parts
            .into_iter()
            .flatten()
            .chain(run.universes.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("\n")
            .to_lowercase()
    };
    run.list_time().is_none_or(|at| at >= since)
        && is(&query.status, Some(run.status.wire_name()))
        && is(&query.trigger, run.trigger.as_deref())
        && query
            .universe
            .as_ref()
            .is_none_or(|wanted| run.universes.contains(wanted))
        && text.is_none_or(|text| whole().contains(&text))
}

fn live_view(run: Run, errors: &[ErrorGroup]) -> RunView {
    let own = |group: &&ErrorGroup| group.run_id.as_ref() == Some(&run.id);
    RunView {
        summary: RunSummary::from(&run),
        live: true,
        phases: run.phase_summaries(),
        failed_symbols: run.failed_symbols.clone(),
        errors: errors.iter().filter(own).cloned().collect(),
        indicators: counts(&run.by_indicator),
        patterns: counts(&run.by_pattern),
        audit: Vec::new(),
        run: Some(Box::new(run)),
    }
}

fn stored_view(earlier: Option<RunSummary>, stored: Option<RunRecord>) -> Option<RunView> {
    let Some(stored) = stored else {
        let summary = earlier?;
        return Some(RunView {
            summary,
            run: None,
            live: false,
            phases: Vec::new(),
            failed_symbols: Vec::new(),
            errors: Vec::new(),
            indicators: Vec::new(),
            patterns: Vec::new(),
            audit: Vec::new(),
        });
    };
    let of_kind = |kind: &str| {
        let own = stored
            .aggregates
            .iter()
            .filter(|aggregate| aggregate.kind == kind);
        own.map(|aggregate| (aggregate.name.clone(), aggregate.count))
            .collect()
    };
    let followed = stored.run.as_deref();
    let summary = match earlier {
        Some(mut earlier) => {
            earlier.complete(stored.summary);
            earlier
        }
        None => stored.summary,
    };
    Some(RunView {
        indicators: of_kind("indicator"),
        patterns: of_kind("pattern"),
        phases: match followed {
            Some(run) if stored.phases.is_empty() => run.phase_summaries(),
            _ => stored.phases,
        },
        failed_symbols: match followed {
            Some(run) if stored.failed_symbols.is_empty() => run.failed_symbols.clone(),
            _ => stored.failed_symbols,
        },
        errors: stored.errors,
        summary,
        live: false,
        audit: Vec::new(),
        run: stored.run,
    })
}

fn counts(by_name: &std::collections::BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = by_name.iter().map(|(name, n)| (name.clone(), *n)).collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

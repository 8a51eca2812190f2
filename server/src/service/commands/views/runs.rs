//! Runs: the state's, which are the newest, and the local copy's.

use super::{KEPT, ROWS, errors, listed};
use crate::clock::now;
use crate::service::commands::Commands;
use app::ports::{ResultPage, RunView, RunsQuery};
use contract::{RunId, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, Run, RunStatus, RunSummary};
use store::{AuditFilter, HistoryFilter, RunRecord};
use tokio::time::timeout;

const DAY_MS: i64 = 86_400_000;
/// Events of one page.
const EVENTS: u32 = 200;
/// Entries of the audit that are looked through for those of one run.
const AUDITED: u32 = 200;

/// A page of runs, newest first. The first page has what the console heard and has not written yet.
pub(super) async fn list(commands: Commands, asked: RunsQuery) -> ResultPage<RunSummary> {
    let days = asked.days.clamp(1, 3650);
    let since = Timestamp(now().0 - i64::from(days) * DAY_MS);
    let filter = HistoryFilter {
        since: Some(since),
        status: asked.status.as_deref().and_then(RunStatus::from_wire_name),
        trigger: asked.trigger.clone(),
        universe: asked.universe.clone(),
        text: asked.text.clone(),
    };
    let after = asked
        .cursor
        .as_deref()
        .and_then(|cursor| cursor.parse().ok());
    let mut page = listed(async {
        commands
            .persistence
            .store()?
            .history(&filter, after.as_ref(), ROWS)
            .await
    })
    .await;
    let state = commands
        .hub
        .snapshot()
        .await
        .map(|snapshot| snapshot.state)
        .unwrap_or_default();
    let mut heard = state.earlier;
    if let Some(run) = &state.run {
        heard.retain(|earlier| earlier.id != run.id);
        heard.insert(0, RunSummary::from(run));
    }
    // What the console heard is newer than what it wrote.
    for stored in &mut page.rows {
        if let Some(fresh) = heard.iter().find(|heard| heard.id == stored.id) {
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
        heard.retain(|heard| {
            page.rows.iter().all(|stored| stored.id != heard.id)
                && matches(heard, &asked, since)
                && end.is_none_or(|end| heard.list_time() >= Some(end))
        });
        page.rows.extend(heard);
        page.rows
            .sort_by_key(|run| std::cmp::Reverse(run.list_time()));
    }
    page
}

fn matches(run: &RunSummary, asked: &RunsQuery, since: Timestamp) -> bool {
    let is = |wanted: &Option<String>, own: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| own == Some(wanted))
    };
    let text = asked.text.as_ref().map(|text| text.to_lowercase());
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
        && is(&asked.status, Some(run.status.wire_name()))
        && is(&asked.trigger, run.trigger.as_deref())
        && asked
            .universe
            .as_ref()
            .is_none_or(|wanted| run.universes.contains(wanted))
        && text.is_none_or(|text| whole().contains(&text))
}

/// One run: the state's where it is shown, else the local copy's.
pub(super) async fn one(commands: Commands, id: RunId) -> Option<RunView> {
    let state = commands.hub.snapshot().await?.state;
    let kept = timeout(KEPT, async { commands.persistence.store()?.run(&id).await }).await;
    let kept = kept.ok().and_then(Result::ok).flatten();
    let mut view = match state.run.filter(|run| run.id == id) {
        Some(run) => of_state(run, &state.errors),
        None => {
            let heard = state.earlier.into_iter().find(|run| run.id == id);
            of_copy(heard, kept)?
        }
    };
    view.errors.sort_by_key(|group| group.first_at);
    errors::acknowledged(&commands, &mut view.errors).await;
    view.audit = audit(&commands, &id).await;
    Some(view)
}

fn of_state(run: Run, errors: &[ErrorGroup]) -> RunView {
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

fn of_copy(heard: Option<RunSummary>, kept: Option<RunRecord>) -> Option<RunView> {
    let Some(kept) = kept else {
        let summary = heard?;
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
        let own = kept
            .aggregates
            .iter()
            .filter(|aggregate| aggregate.kind == kind);
        own.map(|aggregate| (aggregate.name.clone(), aggregate.count))
            .collect()
    };
    let followed = kept.run.as_deref();
    let summary = match heard {
        Some(mut heard) => {
            heard.complete(kept.summary);
            heard
        }
        None => kept.summary,
    };
    Some(RunView {
        indicators: of_kind("indicator"),
        patterns: of_kind("pattern"),
        phases: match followed {
            Some(run) if kept.phases.is_empty() => run.phase_summaries(),
            _ => kept.phases,
        },
        failed_symbols: match followed {
            Some(run) if kept.failed_symbols.is_empty() => run.failed_symbols.clone(),
            _ => kept.failed_symbols,
        },
        errors: kept.errors,
        summary,
        live: false,
        audit: Vec::new(),
        run: kept.run,
    })
}

fn counts(by_name: &std::collections::BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = by_name.iter().map(|(name, n)| (name.clone(), *n)).collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

/// What people did to the run, latest first.
async fn audit(commands: &Commands, id: &RunId) -> Vec<AuditEntry> {
    let filter = AuditFilter::default();
    let page = listed(async {
        commands
            .persistence
            .store()?
            .audit(&filter, None, AUDITED)
            .await
    })
    .await;
    let about = |entry: &AuditEntry| {
        entry.target.as_deref() == Some(id.as_str())
            || entry
                .detail
                .as_ref()
                .is_some_and(|detail| detail.contains(id.as_str()))
    };
    page.rows.into_iter().filter(about).collect()
}

/// A page of the run's events, oldest first.
pub(super) async fn events(
    commands: Commands,
    id: RunId,
    after: Option<i64>,
) -> ResultPage<EventSummary> {
    listed(async {
        commands
            .persistence
            .store()?
            .events(Some(&id), after, EVENTS)
            .await
    })
    .await
}

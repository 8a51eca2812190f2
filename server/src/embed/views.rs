//! Renders views: each that somebody follows, at most twice a second and only when something
//! changed, once for all who follow it.

use super::resource::{EmbedResource, ViewKey};
use crate::clock::now;
use crate::hub::Hub;
use crate::hub::sse;
use crate::service::views::{PageViews, preview};
use app::Zone;
use app::embed::{self, EmbedContext, EmbedView};
use app::ports::{PreviewDay, RunView, SchedulePlan};
use axum::body::Bytes;
use contract::frame::Heartbeat;
use contract::{RunId, Timestamp};
use model::{Snapshot, State};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The least time between two renderings.
const PACE: Duration = Duration::from_millis(500);
/// The least time where somebody waits for a view that nobody had.
const PACE_OF_NEW: Duration = Duration::from_millis(50);
/// Texts name how long something lasts: after this long they are made anew, whether anything
/// happened or not.
const TEXTS: Duration = Duration::from_secs(10);
/// As long a run of the local copy is taken for what it was.
const KEPT_RUN: Duration = Duration::from_secs(10);
/// A sign of life.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Different views that are rendered; who asks for another one is told to come back.
const VIEWS: usize = 512;
/// How long a document waits for its view.
const FIRST: Duration = Duration::from_secs(2);

/// The views that somebody follows; clones refer to the same.
#[derive(Clone)]
pub struct Views(Arc<Shared>);

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Views").finish_non_exhaustive()
    }
}

struct Shared {
    open: Mutex<HashMap<ViewKey, Arc<View>>>,
    /// Somebody waits for a view that nobody had.
    wanted: Notify,
    pulse: watch::Sender<Pulse>,
}

/// What wakes those who follow.
#[derive(Clone, Default)]
pub(super) struct Pulse {
    /// How often anything changed.
    changes: u64,
    /// Heartbeats so far, and the latest.
    pub(super) beats: u64,
    pub(super) heartbeat: Bytes,
    /// The console ends.
    pub(super) over: bool,
}

/// One view. It is rendered as long as somebody holds it.
pub struct View {
    key: ViewKey,
    made: Mutex<Option<Rendering>>,
    kept: Mutex<Option<(Instant, Option<RunView>)>>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

/// A view as it was rendered.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// Counts up with every change.
    pub version: u64,
    /// The view.
    pub fragment: EmbedView,
    /// The same as `event: view`.
    pub chunk: Bytes,
}

impl View {
    /// As it is; none before it was rendered for the first time.
    pub fn made(&self) -> Option<Rendering> {
        self.made.lock().clone()
    }
}

impl Views {
    /// Starts the one task that renders.
    pub fn start(hub: Hub, page_views: PageViews, shutdown: CancellationToken) -> Views {
        let shared = Arc::new(Shared {
            open: Mutex::default(),
            wanted: Notify::new(),
            pulse: watch::Sender::default(),
        });
        tokio::spawn(
            Renderer {
                shared: shared.clone(),
                hub,
                page_views,
                seq: None,
            }
            .run(shutdown),
        );
        Views(shared)
    }

    /// Follows a view, which others may follow already; none where too many different ones are
    /// followed.
    pub fn follow(&self, key: ViewKey) -> Option<Arc<View>> {
        let mut open = self.0.open.lock();
        if let Some(view) = open.get(&key) {
            return Some(view.clone());
        }
        if open.len() >= VIEWS {
            return None;
        }
        let view = Arc::new(View {
            key: key.clone(),
            made: Mutex::default(),
            kept: Mutex::default(),
        });
        open.insert(key, view.clone());
        self.0.wanted.notify_one();
        Some(view)
    }

    /// A view as it is now, for a document; none where it cannot be had in time.
    pub async fn now(&self, key: ViewKey) -> Option<EmbedView> {
        let view = self.follow(key)?;
        let mut pulse = self.pulse();
        let made = tokio::time::timeout(
            FIRST,
            pulse.wait_for(|pulse| pulse.over || view.made.lock().is_some()),
        )
        .await;
        made.ok()?.ok()?;
        view.made().map(|made| made.fragment)
    }

    pub(super) fn pulse(&self) -> watch::Receiver<Pulse> {
        self.0.pulse.subscribe()
    }
}

struct Renderer {
    shared: Arc<Shared>,
    hub: Hub,
    page_views: PageViews,
    /// The step that was rendered last.
    seq: Option<u64>,
}

impl Renderer {
    async fn run(mut self, shutdown: CancellationToken) {
        let mut beat = Instant::now() + HEARTBEAT;
        let (mut next, mut texts) = (Instant::now(), Instant::now());
        loop {
            // Those that nobody holds any more are forgotten.
            self.shared
                .open
                .lock()
                .retain(|_, view| Arc::strong_count(view) > 1);
            let idle = self.shared.open.lock().is_empty();
            let (hub, seq) = (self.hub.clone(), self.seq);
            let changed = async {
                if let Some(seq) = seq {
                    hub.step_after(seq).await;
                }
                sleep_until(next).await;
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.shared.wanted.notified() => {}
                () = changed, if !idle => {}
                () = sleep_until(texts), if !idle => {}
                () = sleep_until(beat) => {
                    beat = Instant::now() + HEARTBEAT;
                    self.beat();
                    continue;
                }
            }
            tokio::time::sleep(PACE_OF_NEW).await;
            self.render().await;
            (next, texts) = (Instant::now() + PACE, Instant::now() + TEXTS);
        }
        self.shared.pulse.send_modify(|pulse| pulse.over = true);
    }

    /// Renders all views.
    async fn render(&mut self) {
        let snapshot = self.hub.snapshot();
        self.seq = Some(snapshot.seq);
        let views: Vec<Arc<View>> = self.shared.open.lock().values().cloned().collect();
        let mut zones = HashMap::new();
        for view in &views {
            zones
                .entry(view.key.zone.as_str())
                .or_insert_with(|| crate::zone::of(&view.key.zone, now()).unwrap_or_default());
        }
        let ahead = if views
            .iter()
            .any(|view| view.key.subject == EmbedResource::Schedule)
        {
            self.ahead(&snapshot.state)
        } else {
            Vec::new()
        };
        let render = views
            .iter()
            .map(|view| self.view(view, &snapshot, &zones[view.key.zone.as_str()], &ahead));
        let changed = futures_util::future::join_all(render)
            .await
            .into_iter()
            .any(|changed| changed);
        if changed {
            self.shared.pulse.send_modify(|pulse| pulse.changes += 1);
        }
    }

    /// Renders one view; whether it is another than before.
    async fn view(
        &self,
        view: &View,
        snapshot: &Snapshot,
        zone: &Zone,
        ahead: &[PreviewDay],
    ) -> bool {
        let context = EmbedContext {
            state: &snapshot.state,
            now: snapshot.at,
            zone,
        };
        let sections = view.key.sections;
        let fragment = match &view.key.subject {
            EmbedResource::Status | EmbedResource::Badge => embed::status(context, sections),
            EmbedResource::Runs => embed::runs(context, sections),
            EmbedResource::Schedule => embed::schedule(context, ahead, sections),
            EmbedResource::Run(id)
                if context.state.run.as_ref().is_some_and(|run| run.id == *id) =>
            {
                embed::run(context, id, None, sections)
            }
            EmbedResource::Run(id) => {
                embed::run(context, id, self.kept(view, id).await.as_ref(), sections)
            }
        };
        let mut made = view.made.lock();
        if made.as_ref().is_some_and(|made| made.fragment == fragment) {
            return false;
        }
        let EmbedView {
            html,
            state,
            sentence,
        } = &fragment;
        let data = json!({ "key": view.key.text(), "html": html, "state": state, "sentence": sentence, "at": snapshot.at.0 });
        let version = made.as_ref().map_or(1, |made| made.version + 1);
        *made = Some(Rendering {
            version,
            chunk: sse::unnumbered("view", &data),
            fragment,
        });
        true
    }

    /// A run that is not the one that is shown.
    async fn kept(&self, view: &View, id: &RunId) -> Option<RunView> {
        if let Some((at, run)) = &*view.kept.lock()
            && at.elapsed() < KEPT_RUN
        {
            return run.clone();
        }
        let run = self.page_views.run(id.clone(), false).await;
        *view.kept.lock() = Some((Instant::now(), run.clone()));
        run
    }

    fn ahead(&self, state: &State) -> Vec<PreviewDay> {
        let plan = state.schedule.as_ref().and_then(|schedule| {
            Some(SchedulePlan {
                enabled: schedule.enabled.unwrap_or(true),
                time: schedule.trigger_time.clone()?,
                zone: schedule.timezone.clone(),
                market_check: schedule.market_check.unwrap_or(true),
            })
        });
        plan.and_then(|plan| preview(&plan).ok())
            .unwrap_or_default()
    }

    fn beat(&self) {
        let at: Timestamp = now();
        let heartbeat = sse::unnumbered("heartbeat", &Heartbeat { at });
        self.shared
            .pulse
            .send_modify(|pulse| (pulse.beats, pulse.heartbeat) = (pulse.beats + 1, heartbeat));
    }
}

//! Renders the views that have subscribers: at most twice a second, only after a change, and once
//! for all subscribers of a view.

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

/// Minimum interval between two renderings.
const RENDER_INTERVAL: Duration = Duration::from_millis(500);
/// Delay of the first rendering of a view, which collects others that are opened at the same time.
const FIRST_RENDER_DELAY: Duration = Duration::from_millis(50);
/// Maximum interval between two renderings: texts contain durations.
const MAX_RENDER_INTERVAL: Duration = Duration::from_secs(10);
/// Lifetime of a cached run from the database.
const STORED_RUN_TTL: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Maximum number of distinct views.
const MAX_VIEWS: usize = 512;
/// Maximum wait of a document for its view.
const FIRST_RENDER_TIMEOUT: Duration = Duration::from_secs(2);

/// The views that have subscribers; clones share them.
#[derive(Clone)]
pub struct Views(Arc<Shared>);

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Views").finish_non_exhaustive()
    }
}

struct Shared {
    open: Mutex<HashMap<ViewKey, Arc<View>>>,
    /// Signals that a view was opened.
    opened: Notify,
    pulse: watch::Sender<Pulse>,
}

/// Wakes the streams.
#[derive(Clone, Default)]
pub(super) struct Pulse {
    /// Number of renderings with a change.
    changes: u64,
    /// Number of heartbeats, and the latest one.
    pub(super) beats: u64,
    pub(super) heartbeat: Bytes,
    /// The console is stopping.
    pub(super) over: bool,
}

/// One view. It is rendered as long as a stream or document holds it.
pub struct View {
    key: ViewKey,
    rendering: Mutex<Option<Rendering>>,
    stored_run: Mutex<Option<(Instant, Option<RunView>)>>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

/// The latest rendering of a view.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// Increases with every change.
    pub version: u64,
    /// The view.
    pub fragment: EmbedView,
    /// The same as `event: view`.
    pub chunk: Bytes,
}

impl View {
    /// `None` before the first rendering.
    pub fn rendering(&self) -> Option<Rendering> {
        self.rendering.lock().clone()
    }
}

impl Views {
    /// Starts the task that renders.
    pub fn start(hub: Hub, page_views: PageViews, shutdown: CancellationToken) -> Views {
        let shared = Arc::new(Shared {
            open: Mutex::default(),
            opened: Notify::new(),
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

    /// Subscribes to a view; `None` when [`MAX_VIEWS`] others are open.
    pub fn follow(&self, key: ViewKey) -> Option<Arc<View>> {
        let mut open = self.0.open.lock();
        if let Some(view) = open.get(&key) {
            return Some(view.clone());
        }
        if open.len() >= MAX_VIEWS {
            return None;
        }
        let view = Arc::new(View {
            key: key.clone(),
            rendering: Mutex::default(),
            stored_run: Mutex::default(),
        });
        open.insert(key, view.clone());
        self.0.opened.notify_one();
        Some(view)
    }

    /// The current view, for a document; `None` when it is not rendered in time.
    pub async fn now(&self, key: ViewKey) -> Option<EmbedView> {
        let view = self.follow(key)?;
        let mut pulse = self.pulse();
        let made = tokio::time::timeout(
            FIRST_RENDER_TIMEOUT,
            pulse.wait_for(|pulse| pulse.over || view.rendering.lock().is_some()),
        )
        .await;
        made.ok()?.ok()?;
        view.rendering().map(|made| made.fragment)
    }

    pub(super) fn pulse(&self) -> watch::Receiver<Pulse> {
        self.0.pulse.subscribe()
    }
}

struct Renderer {
    shared: Arc<Shared>,
    hub: Hub,
    page_views: PageViews,
    /// The last rendered step.
    seq: Option<u64>,
}

impl Renderer {
    async fn run(mut self, shutdown: CancellationToken) {
        let mut beat = Instant::now() + HEARTBEAT;
        let (mut next, mut texts) = (Instant::now(), Instant::now());
        loop {
            // Drops views without subscribers.
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
                () = self.shared.opened.notified() => {}
                () = changed, if !idle => {}
                () = sleep_until(texts), if !idle => {}
                () = sleep_until(beat) => {
                    beat = Instant::now() + HEARTBEAT;
                    self.beat();
                    continue;
                }
            }
            tokio::time::sleep(FIRST_RENDER_DELAY).await;
            self.render().await;
            (next, texts) = (
                Instant::now() + RENDER_INTERVAL,
                Instant::now() + MAX_RENDER_INTERVAL,
            );
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

    /// Renders one view; returns true if it changed.
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
            EmbedResource::Run(id) => embed::run(
                context,
                id,
                self.stored_run(view, id).await.as_ref(),
                sections,
            ),
        };
        let mut made = view.rendering.lock();
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

    /// A run from the database, cached for [`STORED_RUN_TTL`].
    async fn stored_run(&self, view: &View, id: &RunId) -> Option<RunView> {
        if let Some((at, run)) = &*view.stored_run.lock()
            && at.elapsed() < STORED_RUN_TTL
        {
            return run.clone();
        }
        let run = self.page_views.run(id.clone(), false).await;
        *view.stored_run.lock() = Some((Instant::now(), run.clone()));
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

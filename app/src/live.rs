//! The one live driver of a tab: opens the stream, applies its frames, tells the views, and knows
//! how fresh they are.

mod source;

use crate::ports::ErrorCode;
use crate::store::{Console, Freshness};
use crate::text::browser;
use contract::Timestamp;
use contract::frame::{Frame, Heartbeat};
use leptos::prelude::*;
use model::{Changes, Snapshot, State};
use source::{Heard, Source};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;
use web_sys::VisibilityState;

/// The relay sends a heartbeat every 15 s: after two of them and a little, the connection is dead
/// whatever it says.
const SILENCE_MS: f64 = 33_000.0;
/// A stream that was silent for this long when the tab wakes up is not trusted.
const WAKE_SILENCE_MS: f64 = 16_000.0;
const RECONNECTING_MS: f64 = 3_000.0;
const STALE_MS: f64 = 10_000.0;
/// A page that nobody sees closes a stream of its own after this long: browsers have few
/// connections.
const UNSEEN_MS: f64 = 300_000.0;
/// How often a page says that it is still there.
const HERE_MS: f64 = 15_000.0;
/// How many attempts in vain it takes until it is asked why.
const ASKS_WHY: u32 = 2;
/// When the views are told of what can wait.
const LATER: Duration = Duration::from_millis(300);
/// Longest wait between attempts.
const BACK_OFF_MS: f64 = 10_000.0;

/// Follows the relay's stream from the state that the page was rendered from, as long as the page
/// lives.
pub(crate) fn follow(console: Console, snapshot: Snapshot) {
    let local = js_sys::Date::now();
    let driver = Rc::new_cyclic(|driver: &Weak<Driver>| Driver {
        console,
        source: Source::new(hear(driver.clone())),
        inner: RefCell::new(Inner {
            state: Arc::unwrap_or_clone(snapshot.state),
            epoch: snapshot.epoch,
            seq: snapshot.seq,
            pending: Changes::NONE,
            tells_later: false,
            closed: false,
            follows: false,
            unseen_ms: None,
            here_ms: local,
            clock_ahead_ms: snapshot.at.0 as f64 - local,
            heard_ms: local,
            // A page that was kept for when the console is away is old from the start.
            lost_ms: Some(if crate::client::is_offline() {
                local - STALE_MS
            } else {
                local
            }),
            retry_at_ms: 0.0,
            attempts: 0,
        }),
    });
    // Effects run after hydration, in the browser only.
    let start = driver.clone();
    Effect::new(move |already: Option<()>| {
        if already.is_none() {
            start.open();
            start.tick(SILENCE_MS);
            start.clone().watch();
        }
    });
    Effect::new(move |before: Option<u32>| {
        let retries = console.retry.get();
        if before.is_some_and(|before| before != retries) {
            driver.open();
        }
        retries
    });
}

struct Driver {
    console: Console,
    source: Source,
    inner: RefCell<Inner>,
}

struct Inner {
    state: State,
    /// The relay process and the step that the state is of.
    epoch: u64,
    seq: u64,
    /// What changed since the views were last told.
    pending: Changes,
    /// Whether they will be told in a moment of what can wait.
    tells_later: bool,
    /// Whether nobody tries to open the stream again by itself.
    closed: bool,
    /// Whether the stream was ever heard.
    follows: bool,
    /// Since when the page is hidden.
    unseen_ms: Option<f64>,
    /// When the page last said that it is there.
    here_ms: f64,
    /// The relay's clock minus this device's.
    clock_ahead_ms: f64,
    /// When the relay was last heard, by this device's clock.
    heard_ms: f64,
    /// Since when the stream is away, by this device's clock.
    lost_ms: Option<f64>,
    /// When to open it again, where the browser gave up.
    retry_at_ms: f64,
    attempts: u32,
}

/// What the source tells, told to the driver as long as there is one.
fn hear(driver: Weak<Driver>) -> Rc<dyn Fn(Heard<'_>)> {
    Rc::new(move |heard| {
        let Some(driver) = driver.upgrade() else {
            return;
        };
        match heard {
            Heard::Event(kind, data) => driver.receive(kind, data),
            Heard::Alive => driver.alive(),
            Heard::Lost { for_good } => driver.lost(for_good),
        }
    })
}

impl Inner {
    /// The step that the state is of, as the stream numbers it.
    fn id(&self) -> String {
        format!("{}-{}", self.epoch, self.seq)
    }
}

impl Driver {
    /// Opens the stream where the state leaves off.
    fn open(&self) {
        let id = {
            let mut inner = self.inner.borrow_mut();
            inner.closed = false;
            inner.id()
        };
        self.source.open(&id);
    }

    fn receive(self: &Rc<Self>, kind: &str, data: &str) {
        let at = match kind {
            "snapshot" => match serde_json::from_str::<Snapshot>(data) {
                Ok(snapshot) if snapshot.protocol == contract::frame::PROTOCOL => {
                    let mut inner = self.inner.borrow_mut();
                    inner.state = Arc::unwrap_or_clone(snapshot.state);
                    (inner.epoch, inner.seq) = (snapshot.epoch, snapshot.seq);
                    inner.pending |= Changes::ALL;
                    snapshot.at
                }
                // The relay was replaced by another release: this page can no longer follow it.
                _ => {
                    let _ = window().location().reload();
                    return;
                }
            },
            "frame" => {
                let Ok(frame) = serde_json::from_str::<Frame>(data) else {
                    return self.open();
                };
                let mut inner = self.inner.borrow_mut();
                if frame.seq <= inner.seq {
                    return;
                }
                if frame.seq != inner.seq + 1 {
                    drop(inner);
                    return self.open();
                }
                let changes = inner.state.apply(&frame);
                inner.seq = frame.seq;
                inner.pending |= changes;
                frame.at
            }
            "heartbeat" => match serde_json::from_str::<Heartbeat>(data) {
                Ok(beat) => beat.at,
                Err(_) => return,
            },
            // The relay ends: it says goodbye.
            _ => return self.lost(true),
        };
        self.heard(at);
        self.tell_views();
    }

    /// Sets the clock by the relay's, and says that the page is live.
    fn heard(&self, at: Timestamp) {
        self.inner.borrow_mut().clock_ahead_ms = at.0 as f64 - js_sys::Date::now();
        self.alive();
        self.console.heard_at.set(at);
        self.console.now.maybe_update(|now| {
            *now < at && {
                *now = at;
                true
            }
        });
    }

    /// The stream follows.
    fn alive(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.heard_ms = js_sys::Date::now();
        inner.lost_ms = None;
        inner.attempts = 0;
        let first = !std::mem::replace(&mut inner.follows, true);
        drop(inner);
        if first && let Some(root) = document().document_element() {
            // From here on what is on the page works: scripts that drive it wait for this.
            let _ = root.set_attribute(crate::fragment::STREAMING, "");
        }
        if self.console.freshness.get_untracked() != Freshness::Live {
            self.console.freshness.set(Freshness::Live);
        }
    }

    /// Tells the views once per animation frame, however much came; a tab that is hidden draws no
    /// frames, and is told later. So are lists of results, of which there may be thousands a
    /// second.
    fn tell_views(self: &Rc<Self>) {
        let (pending, told_later) = {
            let mut inner = self.inner.borrow_mut();
            (
                inner.pending,
                std::mem::replace(&mut inner.tells_later, true),
            )
        };
        if pending == Changes::NONE {
            self.inner.borrow_mut().tells_later = told_later;
            return;
        }
        let driver = self.clone();
        if !told_later {
            let driver = self.clone();
            let tell = move || {
                driver.inner.borrow_mut().tells_later = false;
                driver.tell(Changes::ALL);
            };
            set_timeout(tell, LATER);
        }
        if !hidden() && pending.without(Changes::FEEDS) != Changes::NONE {
            request_animation_frame(move || driver.tell(Changes::ALL.without(Changes::FEEDS)));
        }
    }

    fn tell(&self, of: Changes) {
        let mut inner = self.inner.borrow_mut();
        let (now, later) = (inner.pending.only(of), inner.pending.without(of));
        inner.pending = later;
        self.console.publish(&inner.state, now);
    }

    /// The stream is away. The browser tries again by itself, unless it gave up; then
    /// [`Driver::tick`] does.
    fn lost(&self, for_good: bool) {
        let mut inner = self.inner.borrow_mut();
        let now = js_sys::Date::now();
        inner.lost_ms.get_or_insert(now);
        if for_good && !inner.closed {
            let wait = (500.0 * f64::from(1 << inner.attempts.min(5))).min(BACK_OFF_MS);
            inner.retry_at_ms = now + wait * (0.5 + js_sys::Math::random() / 2.0);
            inner.attempts += 1;
            inner.closed = true;
            if inner.attempts == ASKS_WHY {
                leptos::task::spawn_local(ask_why(self.console));
            }
        }
    }

    /// Looks at the stream every second, and when the tab wakes up.
    fn watch(self: Rc<Self>) {
        let driver = self.clone();
        let _ = set_interval_with_handle(move || driver.tick(SILENCE_MS), Duration::from_secs(1));
        for name in ["pageshow", "online", "visibilitychange", "focus"] {
            let driver = self.clone();
            let handle = window_event_listener_untyped(name, move |_| {
                if !hidden() {
                    driver.tick(WAKE_SILENCE_MS);
                }
            });
            // As long as the page lives.
            std::mem::forget(handle);
        }
        let handle = window_event_listener_untyped("pagehide", move |_| {
            self.source.close();
            // A page that the browser brings back goes on.
            let mut inner = self.inner.borrow_mut();
            (inner.closed, inner.retry_at_ms) = (true, 0.0);
        });
        std::mem::forget(handle);
    }

    /// Says that the page is there, and closes a stream of its own that nobody has seen for long.
    fn attend(&self, local: f64) {
        let mut inner = self.inner.borrow_mut();
        if !hidden() {
            let unseen = inner
                .unseen_ms
                .take()
                .is_some_and(|since| local - since > UNSEEN_MS);
            if unseen && !self.source.is_shared() {
                (inner.closed, inner.retry_at_ms) = (true, 0.0);
            }
        } else if !self.source.is_shared()
            && local - *inner.unseen_ms.get_or_insert(local) > UNSEEN_MS
        {
            self.source.close();
            inner.lost_ms.get_or_insert(local);
            return;
        }
        if local - inner.here_ms > HERE_MS {
            inner.here_ms = local;
            self.source.here(&inner.id());
        }
    }

    fn tick(self: &Rc<Self>, trusted_silence_ms: f64) {
        let local = js_sys::Date::now();
        self.attend(local);
        let (silent, lost, retry, relay_now) = {
            let inner = self.inner.borrow();
            let retry = inner.closed && inner.retry_at_ms <= local;
            let relay_now = Timestamp((local + inner.clock_ahead_ms) as i64);
            (
                local - inner.heard_ms > trusted_silence_ms,
                inner.lost_ms,
                retry,
                relay_now,
            )
        };
        if silent && lost.is_none() {
            self.inner.borrow_mut().lost_ms = Some(local);
        }
        if retry || (silent && lost.is_none()) {
            self.open();
        }
        let away_ms = lost.map_or(0.0, |since| local - since);
        let freshness = match away_ms {
            ms if ms < RECONNECTING_MS => Freshness::Live,
            ms if ms < STALE_MS => Freshness::Reconnecting,
            _ => Freshness::Stale,
        };
        if self.console.freshness.get_untracked() != freshness {
            self.console.freshness.set(freshness);
        }
        if freshness == Freshness::Live {
            self.console.now.set(relay_now);
        }
    }
}

/// A stream that is refused time and again may be one that nobody is signed in for any more; it
/// does not say so itself.
async fn ask_why(console: Console) {
    let answer = crate::client::load_fragment(&format!("{}/keys", crate::HOME)).await;
    if answer.is_err_and(|error| error.code == ErrorCode::Unauthenticated) {
        let text = browser::SIGNED_OUT;
        console.show_error(text.to_owned());
    }
}

fn hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

//! The one live driver of a tab: opens the stream, applies its frames, tells the views, and knows
//! how fresh they are.

mod source;

use crate::connection::{Connection, SILENCE_MS, WAKE_SILENCE_MS};
use crate::paths::PATHS;
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

/// When the views are told of what can wait.
const LATER: Duration = Duration::from_millis(300);
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
            connection: Connection::new(local, snapshot.at, crate::client::is_offline()),
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
    connection: Connection,
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
            inner.connection.opened();
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
        let local = js_sys::Date::now();
        self.inner.borrow_mut().connection.set_clock(local, at);
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
        let first = self
            .inner
            .borrow_mut()
            .connection
            .received(js_sys::Date::now());
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

    /// The stream is unavailable. The browser tries again by itself, unless it gave up; then
    /// [`Driver::tick`] does.
    fn lost(&self, for_good: bool) {
        let (now, jitter) = (js_sys::Date::now(), js_sys::Math::random());
        let check_session = self
            .inner
            .borrow_mut()
            .connection
            .lost(now, for_good, jitter);
        if check_session {
            leptos::task::spawn_local(check_session_of(self.console));
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
            self.inner.borrow_mut().connection.suspended();
        });
        std::mem::forget(handle);
    }

    fn tick(self: &Rc<Self>, trusted_silence_ms: f64) {
        let (tick, id) = {
            let mut inner = self.inner.borrow_mut();
            let shared = self.source.is_shared();
            let now = js_sys::Date::now();
            let tick = inner
                .connection
                .tick(now, hidden(), shared, trusted_silence_ms);
            (tick, inner.id())
        };
        if tick.close {
            self.source.close();
        }
        if tick.keep_alive {
            self.source.here(&id);
        }
        if tick.open {
            self.open();
        }
        if self.console.freshness.get_untracked() != tick.freshness {
            self.console.freshness.set(tick.freshness);
        }
        if let Some(now) = tick.relay_now {
            self.console.now.set(now);
        }
    }
}

/// A stream that is refused time and again may be one that nobody is signed in for any more; it
/// does not say so itself.
async fn check_session_of(console: Console) {
    let answer = crate::client::load_fragment(&PATHS.page("keys")).await;
    if answer.is_err_and(|error| error.code == ErrorCode::Unauthenticated) {
        let text = browser::SIGNED_OUT;
        console.show_error(text.to_owned());
    }
}

fn hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

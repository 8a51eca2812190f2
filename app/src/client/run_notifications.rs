//! What tells of a run while its page is not looked at: the tab's icon, and where the viewer wants
//! it a sound and the browser's own notification.

use super::service_worker;
use crate::format::{duration, sentence};
use crate::fragment::{NOTIFICATION_STATUS, NOTIFY, REQUEST_NOTIFICATIONS, SOUND};
use crate::paths::PATHS;
use crate::store::{Console, Toast};
use crate::text::browser;
use crate::ui::of_run;
use contract::RunId;
use leptos::prelude::*;
use model::{RunStatus, RunSummary};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAudioElement, HtmlInputElement, Notification, NotificationPermission};

/// Follows the run as long as the page lives.
pub(super) fn notify_of_runs(console: Console) {
    let progress = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().map(|run| (run.id.clone(), run.status)))
    });
    Effect::new(move |before: Option<Option<(RunId, RunStatus)>>| {
        let now = progress.get();
        set_icon(now.as_ref().map(|(_, status)| *status));
        service_worker::store_page();
        let was_active = before
            .flatten()
            .is_some_and(|(_, status)| status.is_active());
        if let Some((id, status)) = now
            .as_ref()
            .filter(|(_, status)| was_active && !status.is_active())
        {
            notify(console, id, *status);
        }
        now
    });
    let handle = window_event_listener_untyped("change", |event| {
        let field = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if field.is_some_and(|field| field.has_attribute(REQUEST_NOTIFICATIONS) && field.checked())
            && can_notify()
            && let Ok(answer) = Notification::request_permission()
        {
            leptos::task::spawn_local(async move {
                let _ = wasm_bindgen_futures::JsFuture::from(answer).await;
                show_notification_status();
            });
        }
    });
    std::mem::forget(handle);
}

fn set_icon(status: Option<RunStatus>) {
    let icon = document().query_selector("link[rel=icon]").ok().flatten();
    if let Some(icon) = icon {
        let address = status.map_or_else(
            || "/favicon.svg".to_owned(),
            |status| format!("/state-{}.svg", of_run(Some(status)).1),
        );
        let _ = icon.set_attribute("href", &address);
    }
}

fn notify(console: Console, id: &RunId, status: RunStatus) {
    let (took, why) = console.run.with_untracked(|run| {
        let run = run.as_ref();
        (
            run.and_then(|run| RunSummary::from(run).seconds()),
            run.and_then(|run| run.message.clone()),
        )
    });
    let took = took
        .map(|seconds| format!(" after {}", duration(seconds)))
        .unwrap_or_default();
    let why = why
        .map(|text| format!(" {}.", sentence(&text, 140)))
        .unwrap_or_default();
    let text = format!("The run {}{took}.{why}", status.predicate());
    let good = matches!(
        status,
        RunStatus::Succeeded | RunStatus::SucceededWithWarnings
    );
    if wants(SOUND) {
        let sound = if good {
            "/sound-good.wav"
        } else {
            "/sound-bad.wav"
        };
        // Browsers are silent on a page that was never touched.
        if let Ok(audio) = HtmlAudioElement::new_with_src(sound) {
            let _ = audio.play();
        }
    }
    let away = document().visibility_state() == web_sys::VisibilityState::Hidden;
    if away
        && wants(NOTIFY)
        && can_notify()
        && Notification::permission() == NotificationPermission::Granted
    {
        service_worker::notify(&text, &PATHS.run(id));
    }
    // Tonight's page says it by itself, also aloud.
    if window().location().pathname().as_deref() != Ok(PATHS.tonight().as_str()) {
        console.toast.set(Some(Toast {
            failed: !good,
            text,
        }));
    }
}

fn wants(attribute: &str) -> bool {
    document()
        .document_element()
        .is_some_and(|root| root.has_attribute(attribute))
}

/// Whether the browser has notifications at all: on pages that came over HTTPS, or from this
/// device.
fn can_notify() -> bool {
    window().is_secure_context()
        && js_sys::Reflect::has(&window(), &JsValue::from_str("Notification")) == Ok(true)
}

/// The settings say whether notifications will come, and why not.
pub(crate) fn show_notification_status() {
    let Some(place) = document()
        .query_selector(&format!("[{NOTIFICATION_STATUS}]"))
        .ok()
        .flatten()
    else {
        return;
    };
    let text = if !window().is_secure_context() {
        browser::NOTIFICATIONS_NEED_HTTPS
    } else if !can_notify() {
        browser::NOTIFICATIONS_UNSUPPORTED
    } else {
        match Notification::permission() {
            NotificationPermission::Granted => browser::NOTIFICATIONS_GRANTED,
            NotificationPermission::Denied => browser::NOTIFICATIONS_DENIED,
            _ => browser::NOTIFICATIONS_PROMPT,
        }
    };
    place.set_text_content(Some(text));
}

//! What only the browser can add to HTML that the server made: the viewer's own time and zone, the
//! focus, and asking again when something is due.

use crate::fragment::{LOCAL_TIME, LOCAL_ZONE, REFRESH_AT};
use crate::store::Console;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// Browsers take no longer waits than about this; and what is further off need not be watched.
const LONGEST_MS: f64 = 86_400_000.0;

/// Fills in what only the device knows, and fetches fragments again when one of them is due.
pub(crate) fn fill_local_values(console: Console) {
    name_own_zone();
    super::run_notifications::show_notification_status();
    for place in marked(LOCAL_TIME) {
        place.set_text_content(Some(&own_time(number(&place, LOCAL_TIME))));
    }
    for place in marked(REFRESH_AT) {
        // Once for each: what is asked for again is another element.
        let wait = number(&place, REFRESH_AT) - js_sys::Date::now();
        let _ = place.remove_attribute(REFRESH_AT);
        if (0.0..LONGEST_MS).contains(&wait) {
            set_timeout(
                move || console.refresh.update(|n| *n += 1),
                Duration::from_millis(wait as u64 + 1000),
            );
        }
    }
}

/// The choice of the viewer's own zone names it.
fn name_own_zone() {
    for place in marked(LOCAL_ZONE) {
        let zone = own_zone();
        if !zone.is_empty() && !place.has_attribute("selected") {
            let _ = place.set_attribute("value", &zone);
            let _ = place.remove_attribute("hidden");
            place.set_text_content(Some(&format!("Your time ({zone})")));
        }
    }
}

/// Such as `Europe/Berlin`.
fn own_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    let zone = js_sys::Reflect::get(&options, &JsValue::from_str("timeZone")).ok();
    zone.and_then(|zone| zone.as_string()).unwrap_or_default()
}

/// The field that has the focus, by its name: it gets it back when the server's next HTML has such
/// a field, too.
pub(crate) struct SavedFocus(Option<String>);

impl SavedFocus {
    /// The present one.
    pub(crate) fn save() -> SavedFocus {
        SavedFocus(
            document()
                .active_element()
                .and_then(|field| field.get_attribute("name")),
        )
    }

    /// Gives it back, where nothing else has it.
    pub(crate) fn restore(&self) {
        let is_nowhere = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        let Some(name) = self.0.as_ref().filter(|_| is_nowhere) else {
            return;
        };
        // The names of fields are ours.
        let field = document()
            .query_selector(&format!("main [name=\"{name}\"]"))
            .ok()
            .flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    }
}

fn marked(name: &str) -> Vec<Element> {
    let found = document().query_selector_all(&format!("[{name}]"));
    let Ok(found) = found else { return Vec::new() };
    (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into().ok())
        .collect()
}

fn number(place: &Element, name: &str) -> f64 {
    // The browser reads the number: Rust's reader of fractions would have to be loaded.
    let number = place
        .get_attribute(name)
        .map(|text| js_sys::Number::parse_float(&text));
    number.filter(|number| number.is_finite()).unwrap_or(0.0)
}

/// `Thu 22:10 GMT+0100`, out of what every browser writes: `Thu Nov 26 2026 22:10:00 GMT+0100 (…)`.
fn own_time(ms: f64) -> String {
    let text = String::from(js_sys::Date::new(&JsValue::from_f64(ms)).to_string());
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!("{} {} {}", part(0..3), part(16..21), part(25..33))
}

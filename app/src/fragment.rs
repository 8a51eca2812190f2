//! Fragments: HTML that the server renders and the browser puts into a page. A fragment's HTML
//! travels, its code does not, so a page or a form that is a fragment adds nothing to the WASM.
//!
//! # Where fragments come from, and where they go
//!
//! `GET /api/console/part?address=…` answers with the [`Fragment`] for an address of the console
//! (path and query); `crate::fragments` renders it. Three places show one:
//!
//! - `FragmentPage`: the main part of every page but tonight's. The first fragment is in the
//!   document; another is fetched when the address changes.
//! - `ActionDialog`: the form of an action. Without JavaScript its address is a page with the same
//!   form.
//! - `FragmentSlot`: a piece of tonight's page that is not live, such as the upcoming sessions.
//!
//! A fragment is fetched again when the viewer has changed something, and when what it depends on
//! has changed. It replaces the old one whole; the focus goes back to the field of the same name.
//!
//! # Forms
//!
//! There is one protocol. A form is plain HTML with `method`, `action` and named fields, and works
//! without JavaScript: the server answers with a redirect, and with `__err` in the address where
//! the form was wrong. A form with [`SUBMIT`] is sent by `fetch` and answered with JSON: a
//! `CommandError` goes to the form's [`FORM_ERROR`] and marks its `field` with `aria-invalid`;
//! after success the dialog around the form closes, [`SUCCESS`] is shown as a toast, and fragments
//! are fetched again. The field `key` is the idempotency key: the server fills it in, or the
//! browser where the field has [`NEW_KEY`]. A form with `method="get"`, or a button with
//! `formaction`, navigates to the address that its fields make. Forms below `/access/` are without
//! [`SUBMIT`]: their answer is a page.
//!
//! # Attributes
//!
//! These are all of the attributes by which HTML asks for behaviour. `crate::client` owns them: one
//! listener each for the whole document. The browser tests wait for [`STREAMING`], the service
//! worker (`app/browser/src/workers/service.ts`) sets [`OFFLINE`]. Other `data-` attributes are for
//! styles and tests only (`data-tone`, `data-status`, `data-state` and so on), or belong to the
//! embeds, which have no fragments: `embed::document` sets them and `app/browser/src/embed/` reads
//! them (`data-base`, `data-subject`, `data-zone`, `data-origins`, `data-locked`, `data-freshness`,
//! `data-since`).

pub(crate) use leptos::attr::custom::custom_attribute as attribute;

use serde::{Deserialize, Serialize};

/// The main part of a page, or a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The title of the tab.
    pub title: String,
    /// The HTML, escaped where it holds anybody's text.
    pub html: String,
    /// False for an address at which there is no page.
    pub found: bool,
}

/// Declares the attributes, and [`ALL`] of them for the tests.
macro_rules! attributes {
    ($($(#[$doc:meta])+ $name:ident = $value:literal;)+) => {
        $(
            $(#[$doc])+
            #[allow(dead_code, reason = "server and browser each use some of them")]
            pub(crate) const $name: &str = $value;
        )+

        #[cfg(test)]
        const ALL: &[&str] = &[$($value),+];
    };
}

attributes! {
    /// On a form: it is sent by `fetch`.
    SUBMIT = "data-submit";
    /// On a form: the toast after success. The id of a run that was started follows it.
    SUCCESS = "data-success";
    /// On a form: the page is loaded again after success, since its first byte depends on it.
    RELOAD = "data-reload";
    /// On a hidden field `key`: the browser makes the key, and another after success.
    NEW_KEY = "data-new-key";
    /// The place in a form for the message of its error.
    FORM_ERROR = "data-form-error";
    /// On a link or button: opens the fragment at this address (a link's own where empty) in the
    /// dialog.
    DIALOG = "data-dialog";
    /// On a link or button: closes the dialog around it. With the value `after` the link is
    /// followed, too.
    CLOSE_DIALOG = "data-close-dialog";
    /// On a link to the next page of a list: adds that page's rows to the list instead.
    LOAD_MORE = "data-load-more";
    /// The element whose children are a list's rows.
    ROWS = "data-rows";
    /// On a button: copies this text.
    COPY = "data-copy";
    /// On a search field: hides the items of the list beside it that do not match.
    FILTER = "data-filter";
    /// The list whose items [`FILTER`] hides.
    FILTER_LIST = "data-filter-list";
    /// Shown where [`FILTER`] leaves nothing.
    FILTER_EMPTY = "data-filter-empty";
    /// Filled in with the time on the device's clock; the value is in ms since 1970.
    LOCAL_TIME = "data-local-time";
    /// On an option: filled in with the device's zone.
    LOCAL_ZONE = "data-local-zone";
    /// Fragments are fetched again at this moment, in ms since 1970.
    REFRESH_AT = "data-refresh-at";
    /// On a checkbox: asks for permission to show notifications when it is ticked.
    REQUEST_NOTIFICATIONS = "data-request-notifications";
    /// Filled in with whether the browser shows notifications.
    NOTIFICATION_STATUS = "data-notification-status";
    /// On a link: followed when `g` and this letter are pressed.
    SHORTCUT = "data-shortcut";
    /// The button that `t` presses.
    RUN_NOW = "data-run-now";
    /// On the root element: `light` or `dark`; absent where the theme follows the system.
    THEME = "data-theme";
    /// On the root element: `compact`, or absent.
    DENSITY = "data-density";
    /// On the root element: the viewer wants to hear the end of a run.
    SOUND = "data-sound";
    /// On the root element: the viewer wants a notification at the end of a run.
    NOTIFY = "data-notify";
    /// On the root element: the page comes from the service worker's cache.
    OFFLINE = "data-offline";
    /// On the root element: the page has received its first event of the stream.
    STREAMING = "data-streaming";
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::fs;
    use std::path::Path;

    /// The Rust files below a folder, but for this one.
    fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs")
                && path.file_name().is_some_and(|name| name != "fragment.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }

    #[test]
    fn attributes_are_written_by_their_constants_only() {
        let mut found = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        for (path, text) in found {
            for (at, _) in text.match_indices("data-") {
                let end = text[at..]
                    .find(|c: char| c != '-' && !c.is_ascii_lowercase())
                    .map_or(text.len(), |length| at + length);
                assert!(!ALL.contains(&&text[at..end]), "{path}: {}", &text[at..end]);
            }
        }
    }
}

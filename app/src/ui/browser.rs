//! What only a browser can do; on the server these do nothing and are never called.

#[cfg(feature = "hydrate")]
use crate::fragment::THEME;

/// Returns true if the clipboard may be written: browsers allow it on secure pages only.
pub(super) fn can_copy() -> bool {
    #[cfg(feature = "hydrate")]
    {
        leptos::prelude::window().is_secure_context()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        false
    }
}

/// Puts a text on the clipboard.
pub(super) fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        // What the browser refuses shows in that nothing was copied.
        let _ = leptos::prelude::window()
            .navigator()
            .clipboard()
            .write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

/// The theme that the document has.
#[cfg(feature = "hydrate")]
pub(super) fn theme() -> Option<String> {
    leptos::prelude::document()
        .document_element()?
        .get_attribute(THEME)
}

/// Gives the document a theme, or the system's, and tells the server for the next page.
pub(super) fn set_theme(theme: Option<&str>) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let document = leptos::prelude::document();
        if let Some(root) = document.document_element() {
            let _ = match theme {
                Some(theme) => root.set_attribute(THEME, theme),
                None => root.remove_attribute(THEME),
            };
        }
        let keep_seconds = if theme.is_some() { 31_536_000 } else { 0 };
        let cookie = format!(
            "theme={}; Path=/; Max-Age={keep_seconds}; SameSite=Lax",
            theme.unwrap_or_default()
        );
        let _ = document
            .unchecked_into::<web_sys::HtmlDocument>()
            .set_cookie(&cookie);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = theme;
}

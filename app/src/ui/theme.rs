//! Light, dark, or as the system has it. The choice is in a cookie, so that the server writes it
//! into the page: no flash.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// The theme that the viewer chose, as the document has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThemeChoice {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// From the document's attribute.
    pub(crate) fn of(attribute: Option<&str>) -> ThemeChoice {
        match attribute {
            Some("light") => ThemeChoice::Light,
            Some("dark") => ThemeChoice::Dark,
            _ => ThemeChoice::System,
        }
    }

    /// The one that the page was rendered with: the same on the server and in the browser.
    fn rendered() -> ThemeChoice {
        #[cfg(feature = "hydrate")]
        {
            ThemeChoice::of(super::browser::theme().as_deref())
        }
        #[cfg(not(feature = "hydrate"))]
        {
            use_context().unwrap_or(ThemeChoice::System)
        }
    }

    fn next(self) -> ThemeChoice {
        match self {
            ThemeChoice::System => ThemeChoice::Light,
            ThemeChoice::Light => ThemeChoice::Dark,
            ThemeChoice::Dark => ThemeChoice::System,
        }
    }

    fn parts(self) -> (Icon, &'static str, Option<&'static str>) {
        match self {
            ThemeChoice::System => (Icon::System, "system", None),
            ThemeChoice::Light => (Icon::Sun, "light", Some("light")),
            ThemeChoice::Dark => (Icon::Moon, "dark", Some("dark")),
        }
    }
}

/// One button that goes through the three.
#[component]
pub(crate) fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(ThemeChoice::rendered());
    let change = move |_| {
        let next = theme.get_untracked().next();
        super::browser::set_theme(next.parts().2);
        theme.set(next);
    };
    let label = move || {
        format!(
            "Theme: {}. Change to {}.",
            theme.get().parts().1,
            theme.get().next().parts().1
        )
    };
    view! {
        <button
            type="button"
            class="icon-button needs-script"
            aria-label=label
            title=label
            on:click=change
        >
            <Glyph icon=Signal::derive(move || theme.get().parts().0) />
        </button>
    }
    .into_any()
}

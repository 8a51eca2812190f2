//! A piece of a page that the server makes, inside one that the browser hydrates. It is in the
//! document already when the page is loaded; the browser asks for it where it comes later, and
//! again when it should be another.

use crate::paths::PATHS;
use crate::store::use_console;
use leptos::prelude::*;

/// The piece that is called `name` among `crate::fragments`' bits.
#[component]
pub(crate) fn FragmentSlot(
    /// Its name.
    name: &'static str,
    /// Reloads it when it changes.
    #[prop(into)]
    again: Signal<u64>,
) -> impl IntoView {
    let address = Memo::new(move |_| PATHS.fragment_slot(name));
    let (_, html) = served(
        address,
        again,
        crate::fragment::Fragment {
            html: rendered(name),
            ..crate::fragment::Fragment::default()
        },
    );
    view! { <div class="fragment-slot" inner_html=move || html.get()></div> }.into_any()
}

fn rendered(name: &'static str) -> String {
    #[cfg(feature = "ssr")]
    {
        use_context()
            .zip(use_context())
            .map(|(backend, data)| crate::fragments::render_slot(name, backend, data))
            .unwrap_or_default()
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = name;
        String::new()
    }
}

/// What the server made for an address, its title and its HTML, asked for again when the address
/// changes, `again` does, or the viewer changed something. What the document came with is not asked
/// for.
pub(crate) fn served(
    address: Memo<String>,
    again: Signal<u64>,
    first: crate::fragment::Fragment,
) -> (ArcRwSignal<String>, RwSignal<String>) {
    // The title is counted, not owned by a view: the server writes it after the view is done with.
    let (title, html) = (ArcRwSignal::new(first.title), RwSignal::new(first.html));
    #[cfg(feature = "hydrate")]
    {
        let console = use_console();
        let hydrating =
            Owner::current_shared_context().is_some_and(|context| context.during_hydration());
        let title = title.clone();
        Effect::new(move |before: Option<String>| {
            let (address, _, _) = (address.get(), console.refresh.get(), again.get());
            if before.is_some() || !hydrating {
                // Another page begins at its top; another question on the same page does not move
                // it.
                let path = |address: &str| {
                    address
                        .split(['?', '#'])
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                };
                let moved = before.is_some_and(|before| path(&before) != path(&address));
                let (asked, title) = (address.clone(), title.clone());
                leptos::task::spawn_local(async move {
                    match crate::client::load_fragment(&asked).await {
                        Ok(fragment) => {
                            // The page may have been left by then.
                            title.set(fragment.title);
                            let focus = crate::client::SavedFocus::save();
                            let _ = html.try_set(fragment.html);
                            request_animation_frame(move || focus.restore());
                            if moved {
                                window().scroll_to_with_x_and_y(0.0, 0.0);
                            }
                        }
                        Err(error) => console.show_error(error.message),
                    }
                });
            }
            address
        });
        Effect::new(move |_| {
            html.track();
            request_animation_frame(move || crate::client::fill_local_values(console));
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (address, again, use_console);
    (title, html)
}

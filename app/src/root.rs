//! The root component: takes the page's data, provides the [`Console`] to all views, starts the
//! live driver, routes.

use crate::pages::{FragmentPage, NotFoundPage, TonightPage};
use crate::ports::PageData;
use crate::store::Console;
use crate::ui::{ActionDialog, ToastRegion};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let page = SharedValue::new(page_data).into_inner();
    let console = Console::new(&page);
    provide_context(console);
    #[cfg(feature = "hydrate")]
    {
        crate::live::follow(console, page.snapshot);
        crate::client::start(console);
    }

    view! {
        <Router>
            // `/` leads to tonight by the server alone.
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/admin/daily-processing") view=TonightPage />
                <Route path=path!("/admin/daily-processing/*rest") view=FragmentPage />
            </FlatRoutes>
            <ActionDialog />
            <ToastRegion />
        </Router>
    }
}

/// On the server the relay's state; the browser reads what the server wrote into the page.
fn page_data() -> PageData {
    #[cfg(feature = "ssr")]
    {
        expect_context::<PageData>()
    }
    #[cfg(not(feature = "ssr"))]
    {
        unreachable!("the server writes the page's data into every page")
    }
}

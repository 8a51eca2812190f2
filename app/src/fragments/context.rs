//! What every fragment is rendered from.

use super::query::PageQuery;
use crate::fragment::Fragment;
use crate::ports::{Backend, PageData};
use crate::text::shared;
use leptos::prelude::*;
use std::sync::Arc;

pub(super) struct PageContext {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) data: PageData,
    pub(super) query: PageQuery,
}

impl PageContext {
    /// The reason why the viewer cannot change anything; none where they can.
    pub(super) fn denied(&self) -> Option<&'static str> {
        (!self.data.viewer.commands).then_some(shared::VIEWERS_CANNOT_CHANGE)
    }
}

pub(super) fn fragment(title: impl Into<String>, view: impl IntoView) -> Fragment {
    Fragment {
        title: title.into(),
        html: view.to_html(),
        found: true,
    }
}

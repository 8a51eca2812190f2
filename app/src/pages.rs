//! One module for each page.

mod fragment_page;
mod not_found;
mod tonight;

pub(crate) use fragment_page::FragmentPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use tonight::TonightPage;

//! One module for each page.

mod fragment_page;
mod not_found;
mod tonight;

pub use fragment_page::FragmentPage;
pub use not_found::NotFoundPage;
pub use tonight::TonightPage;

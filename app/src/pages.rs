//! One module for each page.

mod not_found;
mod tonight;

pub use not_found::NotFound;
pub use tonight::Tonight;

//! One module for each page.

mod not_found;
mod server;
mod tonight;

pub use not_found::NotFound;
pub use server::ServerPage;
pub use tonight::Tonight;

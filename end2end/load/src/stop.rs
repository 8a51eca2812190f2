//! Stopping before the end: a signal raises a flag that every loop looks at, so that what was
//! started is ended on the way out.

use crate::error::{During, Error};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on SIGINT and SIGTERM raise the flag.
///
/// # Errors
/// When a signal cannot be listened to.
pub fn on_signals() -> Result<(), Error> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, ASKED.clone()).during("listening to signals")?;
    }
    Ok(())
}

/// Whether a signal came.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Asks `condition` every 20 ms until it holds.
///
/// # Errors
/// When it does not hold `within` that time, fails, or a signal comes.
pub fn until(
    what: &str,
    within: Duration,
    mut condition: impl FnMut() -> Result<bool, Error>,
) -> Result<(), Error> {
    let began = Instant::now();
    while !condition()? {
        if asked() {
            return Err(Error::Stopped);
        }
        if began.elapsed() > within {
            return Err(Error::Late {
                what: what.to_owned(),
                within,
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

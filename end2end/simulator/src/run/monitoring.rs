//! Monitoring figures, at a calm rate.

use crate::dialect::Step;
use crate::plan::Rng;
use crate::world::World;
use std::time::Duration;

/// How often figures are published.
const EVERY: Duration = Duration::from_secs(10);

/// Publishes figures until the simulator stops.
pub(crate) async fn report(world: World) {
    let mut rng = Rng::new(world.options().seed, u64::MAX - 1);
    loop {
        tokio::select! {
            () = world.shutdown().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let busy = world.active().is_some();
        let cpu = if busy { rng.number(48.0, 83.0, 1) } else { rng.number(2.0, 9.0, 1) };
        world.publisher().step(&Step::Metrics { cpu, memory: rng.number(52.0, 58.0, 1), busy }).await;
    }
}

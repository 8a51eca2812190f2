//! Monitoring figures, at a calm rate.

use crate::dialect::Step;
use crate::rng::Rng;
use crate::world::World;
use std::time::{Duration, Instant};

/// How often figures are published.
const EVERY: Duration = Duration::from_secs(10);
/// Of how many times one is a health check.
const HEALTH: u32 = 3;

/// Publishes figures until the simulator stops.
pub(crate) async fn report(world: World) {
    let began = Instant::now();
    let mut rng = Rng::new(world.options().seed, u64::MAX);
    for count in 1u32.. {
        tokio::select! {
            () = world.shutdown().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let busy = world.active().is_some();
        let cpu = if busy {
            rng.number(48.0, 83.0, 1)
        } else {
            rng.number(2.0, 9.0, 1)
        };
        let memory = rng.number(52.0, 58.0, 1);
        world
            .publisher()
            .step(&Step::Metrics { cpu, memory, busy })
            .await;
        if count.is_multiple_of(HEALTH) {
            let uptime_seconds = began.elapsed().as_secs();
            world
                .publisher()
                .step(&Step::Health {
                    cpu,
                    busy,
                    uptime_seconds,
                })
                .await;
        }
    }
}

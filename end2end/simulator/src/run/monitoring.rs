//! Monitoring figures, at a calm rate.

use crate::dialect::Event;
use crate::rng::Rng;
use crate::simulator::Simulator;
use std::time::{Duration, Instant};

/// How often figures are published.
const EVERY: Duration = Duration::from_secs(10);
/// Of how many times one is a health check.
const HEALTH: u32 = 3;

/// Publishes figures until the simulator stops.
pub(crate) async fn report(simulator: Simulator) {
    let began = Instant::now();
    let mut rng = Rng::new(simulator.options().seed, u64::MAX);
    for count in 1u32.. {
        tokio::select! {
            () = simulator.shutdown().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let busy = simulator.active().is_some();
        let cpu = if busy {
            rng.number(48.0, 83.0, 1)
        } else {
            rng.number(2.0, 9.0, 1)
        };
        let memory = rng.number(52.0, 58.0, 1);
        simulator
            .publisher()
            .publish(&Event::Metrics { cpu, memory, busy })
            .await;
        if count.is_multiple_of(HEALTH) {
            let uptime_seconds = began.elapsed().as_secs();
            simulator
                .publisher()
                .publish(&Event::Health {
                    cpu,
                    busy,
                    uptime_seconds,
                })
                .await;
        }
    }
}

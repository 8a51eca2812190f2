//! Two relays on one Redis behind a balancer: browsers move from one to the other and see the same.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use model::State;
use support::{Console, Proxy, Redis, Simulator, Stream, client};

#[tokio::test]
async fn when_a_relay_dies_in_the_middle_of_a_run_its_readers_see_the_same_on_the_other() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "150", "--scenario", "failures"]).await;
    let one = Console::start(&redis.url(), &tickstockpl.url).await;
    let two = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let balancer = Proxy::to(vec![one.addr, two.addr]).await;
    let url = format!("http://{}/api/events", balancer.addr);
    let mut watcher = two.stream().await;
    watcher.until("both listen", |state| state.links.redis.up && state.links.api.up).await;
    let mut reader = Stream::open(&url).await;
    reader.until("both listen", |state| state.links.redis.up && state.links.api.up).await;
    client().post(format!("http://{}/api/processing/daily/trigger", balancer.addr)).send().await.unwrap();
    reader.until("the run moves", |state| state.active().is_some_and(|run| run.percent > 20.0)).await;
    let percent = reader.state.active().unwrap().percent;
    // The process is gone: nobody listens, and open connections are cut.
    drop(one);
    balancer.cut();
    while reader.follow().await {}
    let mut reader = reader.again(&url).await;
    while reader.snapshots == 0 {
        assert!(reader.follow().await, "the other relay answers");
    }
    assert_eq!(reader.resets, ["another_relay"]);
    assert!(reader.state.active().is_some_and(|run| run.percent >= percent), "the run does not fall back");
    let ended = |state: &State| state.run.as_ref().is_some_and(|run| !run.is_active());
    reader.until("the run ends", ended).await;
    watcher.until("the run ends", ended).await;
    let (shown, known) = (reader.state.run.unwrap(), watcher.state.run.unwrap());
    assert_eq!((shown.id, shown.status, shown.failed_symbols), (known.id, known.status, known.failed_symbols));
    assert_eq!((shown.by_indicator, shown.by_pattern), (known.by_indicator, known.by_pattern));
}

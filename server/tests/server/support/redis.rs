//! A Redis server of the test's own.

use super::{PATIENCE, spare_port, until};
use std::process::{Child, Command, Stdio};

/// A Redis server on a spare port; it ends with the value.
pub(crate) struct Redis {
    pub port: u16,
    child: Option<Child>,
    options: Vec<String>,
}

impl Redis {
    pub(crate) async fn start() -> Redis {
        Redis::start_with(&[]).await
    }

    /// Starts it with more options, such as `--tls-port` and `0`.
    pub(crate) async fn start_with(options: &[&str]) -> Redis {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut redis = Redis {
            port: 0,
            child: None,
            options,
        };
        // A spare port can be taken between finding it and using it: then another one is tried.
        for _ in 0..5 {
            redis.port = spare_port().await;
            redis.spawn();
            if redis.is_up().await {
                return redis;
            }
        }
        panic!("redis-server did not start; `.ci/setup test` installs it");
    }

    /// Starts it again on the same port.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.spawn();
        assert!(self.is_up().await, "redis-server did not start again");
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Publishes, and says how many heard it.
    pub(crate) async fn publish(&self, channel: &str, message: impl AsRef<[u8]>) -> usize {
        let client = redis::Client::open(self.url()).expect("a right address");
        let mut connection = connection(&client).await.expect("Redis answers");
        let mut command = redis::cmd("PUBLISH");
        command.arg(channel).arg(message.as_ref());
        command
            .query_async(&mut connection)
            .await
            .expect("Redis publishes")
    }

    /// Publishes many messages in one go.
    pub(crate) async fn publish_all(&self, messages: impl IntoIterator<Item = (&str, String)>) {
        let client = redis::Client::open(self.url()).expect("a right address");
        let mut connection = connection(&client).await.expect("Redis answers");
        let mut pipeline = redis::pipe();
        for (channel, message) in messages {
            pipeline.cmd("PUBLISH").arg(channel).arg(message).ignore();
        }
        pipeline
            .query_async::<()>(&mut connection)
            .await
            .expect("Redis publishes");
    }

    /// Sends a command, such as `CLIENT KILL TYPE pubsub`.
    pub(crate) async fn command(&self, words: &str) {
        let client = redis::Client::open(self.url()).expect("a right address");
        let mut connection = connection(&client).await.expect("Redis answers");
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().expect("a command"));
        for word in words {
            command.arg(word);
        }
        command
            .query_async::<redis::Value>(&mut connection)
            .await
            .expect("Redis obeys");
    }

    /// The channels that somebody is subscribed to.
    pub(crate) async fn subscribed_channels(&self) -> Vec<String> {
        let client = redis::Client::open(self.url()).expect("a right address");
        let mut connection = connection(&client).await.expect("Redis answers");
        let mut command = redis::cmd("PUBSUB");
        command.arg("CHANNELS");
        command
            .query_async(&mut connection)
            .await
            .expect("Redis answers")
    }

    /// Waits until somebody is subscribed.
    pub(crate) async fn subscribed(&self) {
        until("somebody subscribes", || async {
            (self
                .publish("tickstock:monitoring", r#"{"event":"test"}"#)
                .await
                > 0)
            .then_some(())
        })
        .await;
    }

    fn spawn(&mut self) {
        let port = self.port.to_string();
        let arguments = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ];
        let mut command = Command::new("redis-server");
        let child = command
            .args(arguments)
            .args(&self.options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("redis-server is installed; `.ci/setup test` installs it"));
    }

    async fn is_up(&mut self) -> bool {
        let client = redis::Client::open(self.url()).expect("a right address");
        let began = std::time::Instant::now();
        while began.elapsed() < PATIENCE {
            if connection(&client).await.is_ok() {
                return true;
            }
            let ended = self
                .child
                .as_mut()
                .is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended {
                return false;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    }
}

/// A connection without a time-out for answers: on a busy machine they take their time.
async fn connection(
    client: &redis::Client,
) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    let config = redis::AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(None);
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

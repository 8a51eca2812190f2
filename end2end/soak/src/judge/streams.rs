//! The states that clients hold, against a stream of the judge's own.

use crate::stage::{Console, Stage};
use crate::stream::{Connection, Followed, Position};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Longest that a client may lie behind a snapshot of its console, and that the next step of a
/// stream may take.
const CATCH_UP: Duration = Duration::from_secs(5);

/// A stream of the judge's own, from a snapshot on.
pub(super) struct Witness {
    connection: Connection,
    pub(super) followed: Followed,
}

impl Witness {
    pub(super) async fn open(stage: &Stage, console: &Console) -> Result<Witness, String> {
        let connection = Connection::open(&stage.http, &console.url, None).await;
        let connection = connection.map_err(|disconnected| disconnected.0)?;
        let mut witness = Witness {
            connection,
            followed: Followed::default(),
        };
        while witness.followed.position.is_none() {
            witness.step().await?;
        }
        Ok(witness)
    }

    async fn step(&mut self) -> Result<(), String> {
        let event = timeout(CATCH_UP, self.connection.next())
            .await
            .map_err(|_| "the stream stands still".to_owned())?;
        self.followed
            .apply(&event.map_err(|disconnected| disconnected.0)?)
    }

    /// Follows the stream up to `position`.
    async fn advance(&mut self, position: Position) -> Result<(), String> {
        while self
            .followed
            .position
            .is_some_and(|own| own.epoch == position.epoch && own.seq < position.seq)
        {
            self.step().await?;
        }
        if self.followed.position == Some(position) {
            return Ok(());
        }
        Err(format!(
            "the console is at {:?}",
            self.followed.position.map(|own| own.to_string())
        ))
    }
}

/// Compares each client's state with the console's own at the same step.
pub(super) async fn compare_clients(console: &Console, mut witness: Witness) -> Vec<String> {
    let Some(base) = witness.followed.position else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut taken = Vec::new();
    for client in &console.clients {
        let began = Instant::now();
        loop {
            let (position, state) = {
                let seen = client.seen();
                let caught_up = seen
                    .followed
                    .position
                    .filter(|own| own.epoch == base.epoch && own.seq >= base.seq);
                (caught_up, caught_up.map(|_| seen.followed.state.clone()))
            };
            if let (Some(position), Some(state)) = (position, state) {
                taken.push((client, position, state));
                break;
            }
            if began.elapsed() > CATCH_UP {
                let seen = client.seen();
                let at = seen
                    .followed
                    .position
                    .map_or("nothing".to_owned(), |position| position.to_string());
                let why = seen
                    .disconnected
                    .clone()
                    .unwrap_or_else(|| "connected".to_owned());
                found.push(format!(
                    "{}: at {at} ({why}); its console is at {base}",
                    client.name
                ));
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if let Some(violation) = &client.seen().violation {
            found.push(format!("{}: {violation}", client.name));
        }
    }
    taken.sort_by_key(|(_, position, _)| position.seq);
    for (client, position, state) in taken {
        if let Err(why) = witness.advance(position).await {
            found.push(format!("{}: at {position}, but {why}", client.name));
        } else if state != witness.followed.state {
            let (own, right) = (
                serde_json::to_value(&state),
                serde_json::to_value(&witness.followed.state),
            );
            let mut paths = Vec::new();
            compare(
                "",
                &own.unwrap_or_default(),
                &right.unwrap_or_default(),
                &mut paths,
            );
            found.push(format!(
                "{}: differs from its console at {position}: {}",
                client.name,
                paths.join("; ")
            ));
        }
    }
    found
}

/// The paths at which two values differ, with both, up to five.
pub(super) fn compare(path: &str, own: &Value, right: &Value, paths: &mut Vec<String>) {
    if own == right || paths.len() >= 5 {
        return;
    }
    match (own, right) {
        (Value::Object(own), Value::Object(right)) => {
            for key in own
                .keys()
                .chain(right.keys().filter(|key| !own.contains_key(*key)))
            {
                let value = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or_default()
                };
                compare(&format!("{path}.{key}"), &value(own), &value(right), paths);
            }
        }
        (Value::Array(own), Value::Array(right)) if own.len() == right.len() => {
            for (index, (own, right)) in own.iter().zip(right).enumerate() {
                compare(&format!("{path}[{index}]"), own, right, paths);
            }
        }
        _ => {
            let brief = |value: &Value| value.to_string().chars().take(120).collect::<String>();
            paths.push(format!(
                "{path} is {} instead of {}",
                brief(own),
                brief(right)
            ));
        }
    }
}

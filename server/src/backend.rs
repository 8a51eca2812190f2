//! The relay as the pages and the REST API use it: commands go to TickStockPL, their effect comes back as events.

use crate::ask::Ask;
use crate::hub::Hub;
use crate::tickstockpl::{ApiError, Client};
use app::ports::{Backend, CommandError, CommandFuture};
use contract::frame::Input;
use contract::http::{CommandAnswer, TriggerRequest};

/// The one [`Backend`] of the process.
pub struct Relay {
    client: Client,
    hub: Hub,
    /// Raised after a command, so that its effect is seen even when no event comes.
    ask: Ask,
}

impl Relay {
    /// A backend over TickStockPL's client and the hub.
    pub fn new(client: Client, hub: Hub, ask: Ask) -> Relay {
        Relay { client, hub, ask }
    }
}

impl Backend for Relay {
    fn trigger(&self, request: TriggerRequest) -> CommandFuture {
        let (client, ask) = (self.client.clone(), self.ask.clone());
        Box::pin(async move {
            let answer = client.trigger(&request).await;
            ask.now();
            settled("trigger", answer)
        })
    }

    fn cancel(&self) -> CommandFuture {
        let (client, hub, ask) = (self.client.clone(), self.hub.clone(), self.ask.clone());
        Box::pin(async move {
            let answer = client.cancel().await;
            if let Ok(accepted) = &answer {
                hub.input(Input::CancelAccepted { run_id: accepted.run_id.clone() }).await;
            }
            ask.now();
            settled("cancel", answer)
        })
    }
}

fn settled(command: &str, answer: Result<CommandAnswer, ApiError>) -> Result<CommandAnswer, CommandError> {
    match &answer {
        Ok(accepted) => {
            let run_id = accepted.run_id.as_ref().map(|id| id.as_str());
            tracing::info!(command, run_id, "TickStockPL accepted the command");
        }
        Err(error) => tracing::warn!(command, %error, "the command was not carried out"),
    }
    Ok(answer?)
}

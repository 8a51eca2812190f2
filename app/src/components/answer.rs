//! What became of a command, in the form that sent it.

use super::icon::{Glyph, Icon};
use crate::format::short_id;
use crate::ports::{CommandError, ErrorCode};
use crate::store::use_console;
use contract::http::CommandAnswer;
use leptos::prelude::*;

/// The two commands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Run now.
    Run,
    /// Cancel.
    Cancel,
}

/// The answer, until it is dismissed or its run is over.
#[component]
pub(crate) fn Answer(
    /// Which command was sent.
    command: Command,
    /// What came back.
    value: MappedSignal<Option<Result<CommandAnswer, CommandError>>>,
    /// Takes the answer away.
    dismiss: Callback<()>,
) -> impl IntoView {
    let console = use_console();
    let text = Memo::new(move |_| match value.get()? {
        Err(error) => Some((true, error_words(command, &error))),
        Ok(answer) => {
            // What it said would happen is what the page shows by now.
            let over = console.run.with(|run| {
                let meant = run.as_ref().filter(|run| answer.run_id.as_ref().is_none_or(|id| run.id == *id));
                match command {
                    Command::Run => meant.is_some_and(|run| answer.run_id.is_some() || run.is_active()),
                    Command::Cancel => meant.is_some_and(|run| !run.is_active()),
                }
            });
            (!over).then(|| (false, success_words(command, &answer)))
        }
    });
    move || {
        text.get().map(|(failed, text)| {
            let (icon, tone) = if failed { (Icon::Failed, "bad") } else { (Icon::Succeeded, "good") };
            view! {
                <div class="answer" data-tone=tone role=if failed { "alert" } else { "status" }>
                    <Glyph icon=icon/>
                    <p>{text}</p>
                    // A link, so that it also works where the answer stands in the address.
                    <a class="dismiss" href="/admin/daily-processing" on:click=move |_| dismiss.run(())>"Dismiss"</a>
                </div>
            }
        })
    }
}

fn success_words(command: Command, answer: &CommandAnswer) -> String {
    let run = answer.run_id.as_ref().map(|id| format!(" {}", short_id(id))).unwrap_or_default();
    match command {
        Command::Run => format!("TickStockPL accepted: run{run} is starting."),
        Command::Cancel => format!("TickStockPL accepted: run{run} is being cancelled."),
    }
}

/// What happened, and what to do next where the message does not say so itself.
fn error_words(command: Command, error: &CommandError) -> String {
    let said = error.message.trim().trim_end_matches('.');
    match (error.code, command) {
        (ErrorCode::Conflict, Command::Run) => format!("{said}. Wait until that run has ended, or cancel it."),
        (ErrorCode::Conflict, Command::Cancel) => format!("{said}. There may be nothing left to cancel."),
        (ErrorCode::Refused | ErrorCode::Invalid, _) => {
            format!("{said}. Nothing was done; TickStockPL's own log may say more.")
        }
        _ => format!("{said}."),
    }
}

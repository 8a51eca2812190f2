//! `tickstock-console`: reads the configuration, starts the log, and runs the relay until it is
//! told to stop.

use clap::{Parser, Subcommand};
use server::cli::{self, Db, Embed, Token, User};
use server::config::Config;
use std::io::IsTerminal;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// The TickStock operations console: watch and run TickStockPL's daily processing.
#[derive(Parser)]
#[command(version, after_help = server::config::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the console (what it does without a subcommand, too)
    Serve,
    /// Look after the local copy that DATABASE_URI names
    Db {
        #[command(subcommand)]
        command: Db,
    },
    /// Look after the users who may sign in (CONSOLE_AUTH=users)
    User {
        #[command(subcommand)]
        command: User,
    },
    /// Look after the API tokens of programs (CONSOLE_AUTH=tokens)
    Token {
        #[command(subcommand)]
        command: Token,
    },
    /// Look after the shares of embeds
    Embed {
        #[command(subcommand)]
        command: Embed,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    tracing_subscriber::fmt()
        .with_env_filter(config.log_filter.clone())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match command {
        Command::Serve => serve(config).await,
        Command::Db { command } => match cli::run(command, &config).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => fail(&error),
        },
        Command::User { command } => done(cli::user(command, &config).await),
        Command::Token { command } => done(cli::token(command, &config).await),
        Command::Embed { command } => done(cli::embed(command, &config).await),
    }
}

fn done(done: Result<(), impl std::fmt::Display>) -> ExitCode {
    done.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

async fn serve(config: Config) -> ExitCode {
    server::raise_open_files();
    let listener = match config.bind().await {
        Ok(listener) => listener,
        Err(error) => return fail(&error),
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(server::shutdown::on_signal(shutdown.clone()));
    match server::run(config, listener, shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the console stopped");
            ExitCode::FAILURE
        }
    }
}

/// What cannot be done: one line, and exit code 2.
fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("tickstock-console: {error}");
    ExitCode::from(2)
}

//! `tickstock-console`: parses arguments and settings, starts logging, and runs the console or one
//! of its administrative commands.
//!
//! Exit codes: 0 on success; 1 when the server stopped with an error or `db check` found problems;
//! 2 when arguments or settings are invalid or a command failed.

use clap::{Parser, Subcommand};
use server::cli::{self, ConfigOutput, DbCommand, EmbedCommand, TokenCommand, UserCommand};
use server::config::{Config, SETTINGS, Sources};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// The TickStock operations console: run and monitor TickStockPL's daily processing.
#[derive(Parser)]
#[command(
    name = "tickstock-console",
    version,
    after_help = "Settings come from environment variables, .env and a TOML file; --help lists them.",
    after_long_help = cli::settings_help()
)]
struct Arguments {
    /// TOML file with settings (default: tickstock-console.toml, if it exists)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the console (default)
    Serve,
    /// Print the settings in force and where each comes from, without secrets
    Config(ConfigOutput),
    /// Export, prune or check the database
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
    /// Manage users who sign in with a password (CONSOLE_AUTH=users)
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage API tokens (CONSOLE_AUTH=tokens)
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Manage embed links
    Embed {
        #[command(subcommand)]
        command: EmbedCommand,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Serve);
    let sources = Sources::load(SETTINGS, arguments.config.as_deref());
    if let Command::Config(output) = &command
        && let Err(error) = cli::print_config(&sources, output)
    {
        return fail(&error);
    }
    let config = match Config::from_sources(&sources) {
        Ok(config) => config,
        Err(errors) => return fail(&errors),
    };
    tracing_subscriber::fmt()
        .with_env_filter(config.server.log_filter.clone())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    for variable in &sources.unknown {
        let (name, source, nearest) = (&variable.name, &variable.source, variable.nearest);
        tracing::warn!(name, source, nearest, "ignored unknown setting");
    }
    match command {
        Command::Serve => serve(config).await,
        Command::Config(_) => ExitCode::SUCCESS,
        Command::Db { command } => match cli::run_db_command(command, &config).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => fail(&error),
        },
        Command::User { command } => exit_code(cli::run_user_command(command, &config).await),
        Command::Token { command } => exit_code(cli::run_token_command(command, &config).await),
        Command::Embed { command } => exit_code(cli::run_embed_command(command, &config).await),
    }
}

fn exit_code(result: Result<(), impl std::fmt::Display>) -> ExitCode {
    result.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

async fn serve(config: Config) -> ExitCode {
    server::raise_open_files();
    let listener = match config.bind().await {
        Ok(listener) => listener,
        Err(errors) => return fail(&errors),
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(server::shutdown::on_signal(shutdown.clone()));
    match server::run(config, listener, shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "failed to serve");
            ExitCode::FAILURE
        }
    }
}

/// Prints an error, each of its lines as one of the program's, and returns exit code 2.
fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    for line in error.to_string().lines() {
        eprintln!("tickstock-console: {line}");
    }
    ExitCode::from(2)
}

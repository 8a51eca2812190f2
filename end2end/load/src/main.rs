//! `stream-load`: runs a scenario and prints its figures. Exits with 1 when it fails.

use clap::Parser;
use load::options::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    match load::run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stream-load: {error}");
            ExitCode::FAILURE
        }
    }
}

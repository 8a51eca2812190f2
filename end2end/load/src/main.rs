//! `stream-load`: reads what is asked for, and does it.

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

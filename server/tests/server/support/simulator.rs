//! TickStockPL, as its simulator's own program: the console meets it over HTTP and Redis only.

use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running simulator; it ends with the value.
pub(crate) struct Simulator {
    pub url: String,
    _child: Child,
}

impl Simulator {
    pub(crate) async fn start(redis_url: &str, options: &[&str]) -> Simulator {
        let mut child = Command::new(program())
            .args(["--addr", "127.0.0.1:0", "--redis-url", redis_url])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the simulator is built: `cargo build -p simulator`");
        let output = child.stdout.take().expect("it is piped");
        let line = BufReader::new(output)
            .lines()
            .next_line()
            .await
            .expect("a readable line");
        let url = line
            .expect("a line")
            .split_whitespace()
            .last()
            .expect("an address")
            .to_owned();
        Simulator { url, _child: child }
    }
}

/// The simulator's program stands where cargo puts all programs of the workspace.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/<profile>/deps");
    folder.join("tickstockpl-simulator")
}

//! A PostgreSQL server of the soak's own.

use crate::program::spare_port;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long it may take to accept connections.
const START: Duration = Duration::from_secs(30);

/// Runs the server, and stops it as a crash would when standard input closes, however that comes
/// about. SIGTERM is for a server that has only begun to start: a shell lets what it runs in the
/// background ignore SIGQUIT at first.
const KEEPER: &str = r#"
"$@" >"$FOLDER/log" 2>&1 &
server=$!
read -r _
kill -TERM $server 2>/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$FOLDER"
"#;

/// A server that ends, and is removed, with the value.
pub(crate) struct Postgres {
    port: u16,
    keeper: Child,
    _folder: TempDir,
}

impl Postgres {
    /// Starts a server on a spare port, in a folder of its own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub(crate) async fn start() -> io::Result<Postgres> {
        let bin = programs()?;
        // Not below the home folder, which PostgreSQL's user may not enter.
        let removed = TempDir::with_prefix("console-soak-postgres-")?;
        let folder = removed.path();
        if is_root()? {
            run(Command::new("chown").arg(user()?).arg(folder))?;
        }
        let data = folder.join("data");
        let mut init = as_user(&bin.join("initdb"))?;
        init.arg("-D").arg(&data).args([
            "-U",
            "console",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        run(&mut init)?;
        let port = spare_port()?;
        let server = as_user(&bin.join("postgres"))?;
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "sh"])
            .arg(server.get_program())
            .args(server.get_args());
        keeper.arg("-D").arg(&data).args([
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-k",
            "",
            "-c",
            "fsync=off",
        ]);
        keeper.env("FOLDER", folder).current_dir("/");
        keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Ctrl-C reaches it through this process alone.
        std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
        let log = folder.join("log");
        let postgres = Postgres {
            port,
            keeper: keeper.spawn()?,
            _folder: removed,
        };
        let began = Instant::now();
        let address = ["-h", "127.0.0.1", "-p", &port.to_string(), "-q"];
        while !Command::new(bin.join("pg_isready"))
            .args(address)
            .status()?
            .success()
        {
            if began.elapsed() > START {
                let log = std::fs::read_to_string(log).unwrap_or_default();
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("PostgreSQL did not start: {log}"),
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(postgres)
    }

    pub(crate) fn uri(&self) -> String {
        format!("postgresql://console@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut input) = self.keeper.stdin.take() {
            let _ = input.write_all(b"\n");
        }
        let _ = self.keeper.wait();
    }
}

/// The folder of the server's programs; Debian has them beside no path.
fn programs() -> io::Result<PathBuf> {
    let of_debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = of_debian.map(|entry| entry.path().join("bin")).collect();
    found.sort();
    found.reverse();
    found.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let missing = || {
        io::Error::new(
            io::ErrorKind::NotFound,
            "PostgreSQL is not installed: run .ci/setup test",
        )
    };
    found
        .into_iter()
        .find(|folder| folder.join("initdb").is_file())
        .ok_or_else(missing)
}

fn is_root() -> io::Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0")
}

/// PostgreSQL refuses to run as root: it runs as its own user then.
fn user() -> io::Result<&'static str> {
    let known = Command::new("id")
        .args(["-u", "postgres"])
        .output()?
        .status
        .success();
    Ok(if known { "postgres" } else { "nobody" })
}

fn as_user(program: &Path) -> io::Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let group = Command::new("id").args(["-g", user()?]).output()?;
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={}", user()?), "--init-groups", "--regid"]);
    command
        .arg(String::from_utf8_lossy(group.stdout.trim_ascii()).into_owned())
        .arg("--")
        .arg(program);
    Ok(command)
}

fn run(command: &mut Command) -> io::Result<()> {
    let done = command.current_dir("/").output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    )))
}

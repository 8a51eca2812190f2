//! The programs that a soak starts: each has a pid that can be signalled, a log, and ends with its
//! value.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a program that was told to end may take.
const END: Duration = Duration::from_secs(10);

/// A program that can be started again as it was started first.
pub(crate) struct Program {
    pub name: &'static str,
    executable: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// Where it runs, and where its log is.
    folder: PathBuf,
    child: Option<Child>,
    is_stopped: bool,
}

impl Program {
    pub(crate) fn new(
        name: &'static str,
        executable: impl Into<PathBuf>,
        folder: &Path,
    ) -> Program {
        let (executable, folder) = (executable.into(), folder.to_owned());
        let (arguments, environment) = (Vec::new(), Vec::new());
        Program {
            name,
            executable,
            arguments,
            environment,
            folder,
            child: None,
            is_stopped: false,
        }
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Program {
        self.arguments
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    pub(crate) fn environment(mut self, variables: &[(&str, &str)]) -> Program {
        self.environment.extend(
            variables
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        self
    }

    /// Starts it where it does not run.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(&mut self) -> io::Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let mut command = Command::new(&self.executable);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        // Nothing of the caller's environment reaches it, but where programs are.
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // A group of its own: Ctrl-C reaches it through this process alone.
        command
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        let child = command.spawn();
        let failed = |error: io::Error| {
            io::Error::new(
                error.kind(),
                format!("failed to start {}: {error}", self.name),
            )
        };
        self.child = Some(child.map_err(failed)?);
        self.is_stopped = false;
        Ok(())
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.is_stopped = false;
    }

    /// SIGTERM, and SIGKILL where it does not end by itself.
    pub(crate) async fn end(&mut self) {
        self.resume();
        self.signal("TERM");
        let told = tokio::time::Instant::now();
        while self.is_running() && told.elapsed() < END {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.kill();
    }

    /// SIGSTOP.
    pub(crate) fn stop(&mut self) {
        self.signal("STOP");
        self.is_stopped = true;
    }

    /// SIGCONT, where it was stopped.
    pub(crate) fn resume(&mut self) {
        if std::mem::take(&mut self.is_stopped) {
            self.signal("CONT");
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    fn signal(&self, name: &str) {
        let Some(child) = &self.child else { return };
        // Not waited for yet, so the pid is its own.
        let _ = Command::new("kill")
            .args(["-s", name, &child.id().to_string()])
            .status();
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A loopback port that is free and that no outgoing connection is given while the program behind
/// it is down: one below the system's range of those.
///
/// # Errors
/// When no port is free.
pub(crate) fn spare_port() -> io::Result<u16> {
    let range =
        std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let lowest = range
        .split_whitespace()
        .next()
        .and_then(|port| port.parse().ok())
        .filter(|port| *port > 12_000u16);
    for _ in 0..200 {
        let port = rand::random_range(10_000..lowest.unwrap_or(32_768));
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        "no spare port on 127.0.0.1",
    ))
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> Vec<String> {
    let text = File::open(log)
        .and_then(io::read_to_string)
        .unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

//! A PostgreSQL server of the tests' own: on a spare port, in a folder of its own, for as long as
//! the test process lives.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// A server. It ends with the value, and with the process however that ends.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    bin: PathBuf,
    /// A shell that runs the server, and stops it when its standard input closes.
    supervisor: Option<Child>,
}

/// The server that tests share; each has a database of its own.
pub(crate) async fn shared() -> &'static Cluster {
    static SHARED: OnceCell<Cluster> = OnceCell::const_new();
    SHARED.get_or_init(Cluster::start).await
}

/// Stops the server as a crash would, when its standard input ends or has a line, and removes the
/// folder unless the line says to keep it. SIGTERM is for a server that is still starting: a shell
/// lets what it runs in the background ignore SIGQUIT until the server sets its own handlers.
const SUPERVISOR: &str = r#"
"$@" >"$FOLDER/log" 2>&1 &
server=$!
read -r word
kill -CONT $server 2>/dev/null
kill -TERM $server 2>/dev/null
kill -QUIT $server 2>/dev/null
wait $server
[ "$word" = keep ] || rm -rf "$FOLDER"
"#;

impl Cluster {
    pub(crate) async fn start() -> Cluster {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not below the home folder, which another user may not enter.
        let folder =
            std::env::temp_dir().join(format!("tickstock-store-{}-{number}", std::process::id()));
        let bin = bin();
        std::fs::create_dir_all(&folder).unwrap();
        if is_root() {
            run(Command::new("chown").arg(user()).arg(&folder));
        }
        let data = folder.join("data");
        let mut init = as_user(&bin.join("initdb"));
        init.args(["-D"]).arg(&data).args([
            "-U",
            "console",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        run(&mut init);
        let mut cluster = Cluster {
            folder,
            port: 0,
            bin,
            supervisor: None,
        };
        // A spare port can be taken between finding it and using it: then another one is tried.
        for _ in 0..5 {
            let spare = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            cluster.port = spare.local_addr().unwrap().port();
            drop(spare);
            if cluster.try_run().await {
                return cluster;
            }
        }
        panic!("PostgreSQL did not start: {}", cluster.log());
    }

    /// Starts it again on the same port, with what it had.
    pub(crate) async fn run(&mut self) {
        assert!(
            self.try_run().await,
            "PostgreSQL did not start again: {}",
            self.log()
        );
    }

    /// Stops it at once.
    pub(crate) fn stop(&mut self) {
        self.end("keep");
    }

    /// Sends a signal to the server and its sessions: `STOP` and `CONT`, between which it hangs.
    pub(crate) fn signal(&self, name: &str) {
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let server = text.lines().next().unwrap().to_owned();
        let sessions =
            std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
        run(Command::new("kill")
            .arg(format!("-{name}"))
            .arg(&server)
            .args(sessions.split_whitespace()));
    }

    async fn try_run(&mut self) -> bool {
        let server = as_user(&self.bin.join("postgres"));
        let mut supervisor = Command::new("sh");
        supervisor
            .args(["-c", SUPERVISOR, "sh"])
            .arg(server.get_program())
            .args(server.get_args());
        supervisor.arg("-D").arg(self.folder.join("data")).args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
        ]);
        supervisor.args([
            "-k",
            "",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=200",
            "-c",
            "log_min_messages=fatal",
        ]);
        supervisor
            .env("FOLDER", &self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.supervisor = Some(supervisor.spawn().unwrap());
        let began = Instant::now();
        while began.elapsed() < super::PATIENCE {
            if <sqlx::PgConnection as sqlx::Connection>::connect(&self.uri("postgres"))
                .await
                .is_ok()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.end("keep");
        false
    }

    pub(crate) fn uri(&self, database: &str) -> String {
        format!("postgresql://console@127.0.0.1:{}/{database}", self.port)
    }

    /// As another role.
    pub(crate) fn uri_of(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// A new database's address.
    pub(crate) async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection =
            <sqlx::PgConnection as sqlx::Connection>::connect(&self.uri("postgres"))
                .await
                .unwrap();
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"));
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        self.uri(&name)
    }

    fn end(&mut self, word: &str) {
        if let Some(mut supervisor) = self.supervisor.take() {
            if let Some(mut input) = supervisor.stdin.take() {
                let _ = writeln!(input, "{word}");
            }
            let _ = supervisor.wait();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end("remove");
        // One that was stopped is still there.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where the server's programs are; Debian has them beside no path.
fn bin() -> PathBuf {
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
    let has =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    found
        .into_iter()
        .find(has)
        .expect("PostgreSQL's server is installed; `.ci/setup test` installs it")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// PostgreSQL refuses to run as root: it runs as its own user then.
fn user() -> &'static str {
    let known = Command::new("id")
        .args(["-u", "postgres"])
        .output()
        .unwrap();
    if known.status.success() {
        "postgres"
    } else {
        "nobody"
    }
}

fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={}", user()), "--init-groups", "--regid"]);
    let group = Command::new("id").args(["-g", user()]).output().unwrap();
    command
        .arg(String::from_utf8_lossy(group.stdout.trim_ascii()).into_owned())
        .arg("--")
        .arg(program);
    command
}

fn run(command: &mut Command) {
    let done = command.current_dir("/").output().unwrap();
    assert!(
        done.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

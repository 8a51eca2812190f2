//! Databases of the tests' own, of either kind, and runs to put into them.

pub(crate) mod cluster;
pub(crate) mod runs;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::{Database, Store};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder that goes with the value.
pub(crate) struct Folder(pub PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An empty database, and a folder for what stands beside it.
pub(crate) struct Place {
    pub uri: String,
    pub folder: Folder,
}

impl Place {
    pub(crate) fn sqlite() -> Place {
        let folder = Folder::new();
        Place {
            uri: format!("sqlite://{}", folder.0.join("console.db").display()),
            folder,
        }
    }

    pub(crate) async fn postgres() -> Place {
        Place {
            uri: cluster::shared().await.database().await,
            folder: Folder::new(),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.uri.starts_with("sqlite:")
    }

    pub(crate) fn database(&self) -> Database {
        Database::parse(&self.uri).unwrap()
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.database())
            .await
            .unwrap_or_else(|error| panic!("{}", error.one_line()))
    }

    /// Runs statements as another program would.
    pub(crate) async fn sql(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let options = self
                .uri
                .parse::<sqlx::sqlite::SqliteConnectOptions>()
                .unwrap()
                .create_if_missing(true);
            let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            sqlx::Connection::close(connection).await.unwrap();
        } else {
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&self.uri)
                .await
                .unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }

    /// The text in the first column of the first row, as another program reads it.
    pub(crate) async fn text(&self, sql: &str) -> Option<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let options = self
                .uri
                .parse::<sqlx::sqlite::SqliteConnectOptions>()
                .unwrap();
            let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
            sqlx::query_scalar(sql)
                .fetch_optional(&mut connection)
                .await
                .unwrap()
                .flatten()
        } else {
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&self.uri)
                .await
                .unwrap();
            sqlx::query_scalar(sql)
                .fetch_optional(&mut connection)
                .await
                .unwrap()
                .flatten()
        }
    }
}

/// This test program again, running only the test of that name.
pub(crate) fn child(test: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}

/// Reports that a test cannot run on this system. `.ci/test` counts the lines of the file.
fn skipped(test: &str, reason: &str) {
    eprintln!("skipped {test}: {reason}");
    if let Some(path) = std::env::var_os("TICKSTOCK_SKIPPED") {
        let mut file = std::fs::File::options().append(true).open(path).unwrap();
        writeln!(file, "{test}: {reason}").unwrap();
    }
}

/// Runs a `child_` test in a process of its own, in which `folder` (`STORE_FOLDER`) is a file
/// system of 6 MB. `prepare` is shell text that comes before. Skips the test where the system
/// allows no mounts.
pub(crate) fn in_small_file_system(test: &str, folder: &Folder, prepare: &str) {
    let allowed = |options: &str| {
        let tried = std::process::Command::new("unshare")
            .args([options, "sh", "-c", "mount -t tmpfs tmpfs /mnt"])
            .output();
        tried.is_ok_and(|done| done.status.success())
    };
    // As root, or as root of a user namespace.
    let Some(options) = ["-m", "-Urm"].into_iter().find(|options| allowed(options)) else {
        skipped(test, "this system allows no mounts");
        return;
    };
    let script = format!(
        r#"mount -t tmpfs -o size=6m tmpfs "$STORE_FOLDER" && {prepare}exec "$TEST" --exact {test} --ignored --nocapture"#
    );
    let mut command = std::process::Command::new("unshare");
    command
        .args([options, "sh", "-c", &script])
        .env("STORE_FOLDER", &folder.0);
    let done = command
        .env("TEST", std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// Waits until `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = std::time::Instant::now();
    while !condition().await {
        assert!(began.elapsed() < PATIENCE, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The same tests over both databases: each is an `async fn` that takes a [`Place`].
#[macro_export]
macro_rules! both {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod sqlite {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::Place::sqlite()).await;
            })+
        }
        mod postgres {
            $($(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::Place::postgres().await).await;
            })+
        }
    };
}

//! Everything that a soak runs: Redis, the simulator, two consoles and their clients, each on a
//! port of its own that it keeps over restarts.

use crate::client::Client;
use crate::plan::{Fault, Target};
use crate::postgres::Postgres;
use crate::program::{Program, spare_port};
use crate::settings::DatabaseMode;
use crate::truth::Truth;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long all programs may take to answer after the first start.
const START: Duration = Duration::from_secs(60);
/// How much faster than real time a run is: the longest takes about 14 s.
const SPEED: &str = "200";
const STALL_SECONDS: &str = "3";
/// Clients of each console.
const CLIENTS: [usize; 2] = [3, 5];

/// The console's and the simulator's names of what runs.
const CONSOLE: &str = "tickstock-console";
const SIMULATOR: &str = "tickstockpl-simulator";

pub(crate) struct Stage {
    // Dropped in this order: what writes ends before where it writes to.
    pub consoles: [Console; 2],
    simulator: Program,
    redis: Program,
    _postgres: Option<Postgres>,
    folder: TempDir,
    pub database: DatabaseMode,
    pub redis_url: String,
    simulator_url: String,
    pub http: reqwest::Client,
}

/// A console and its clients.
pub(crate) struct Console {
    pub name: &'static str,
    pub url: String,
    pub clients: Vec<Client>,
    program: Program,
}

impl Stage {
    /// Starts everything and waits until each console hears Redis and the simulator.
    ///
    /// # Errors
    /// When a program is missing, does not start, or does not answer.
    pub(crate) async fn start(database: DatabaseMode, seed: u64) -> Result<Stage, String> {
        let postgres = match database {
            DatabaseMode::Sqlite => None,
            DatabaseMode::Postgres => {
                Some(Postgres::start().await.map_err(|error| error.to_string())?)
            }
        };
        let stage = Stage::new(database, seed, postgres).map_err(|error| error.to_string())?;
        stage.ready().await?;
        Ok(stage)
    }

    fn new(database: DatabaseMode, seed: u64, postgres: Option<Postgres>) -> io::Result<Stage> {
        let folder = TempDir::with_prefix("console-soak-")?;
        let at = folder.path();
        let (redis_port, api_port) = (spare_port()?.to_string(), spare_port()?);
        let redis_url = format!("redis://127.0.0.1:{redis_port}/0");
        let simulator_url = format!("http://127.0.0.1:{api_port}");
        let redis = Program::new("redis", "redis-server", at);
        let redis = redis.arguments(&[
            "--port",
            &redis_port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        let dialect = ["response", "guides", "mixed"][seed as usize % 3];
        let simulator = Program::new("simulator", sibling(SIMULATOR)?, at).arguments(&[
            "--addr",
            &format!("127.0.0.1:{api_port}"),
            "--redis-url",
            &redis_url,
            "--speed",
            SPEED,
            "--seed",
            &seed.to_string(),
            "--scenario",
            "varied",
            "--stall-seconds",
            STALL_SECONDS,
            "--dialect",
            dialect,
            "--state",
            &at.join("simulator.json").display().to_string(),
        ]);
        let http = http_client()?;
        // Of the whole build; pages are rendered without it, too.
        let site = sibling(CONSOLE)?
            .with_file_name("../site")
            .display()
            .to_string();
        let console = |name, count| -> io::Result<Console> {
            let addr = format!("127.0.0.1:{}", spare_port()?);
            let file = at.join(format!("{name}.db"));
            let uri = postgres
                .as_ref()
                .map_or_else(|| format!("sqlite://{}", file.display()), Postgres::uri);
            let program = Program::new(name, sibling(CONSOLE)?, at).environment(&[
                ("CONSOLE_ADDR", &addr),
                ("REDIS_URL", &redis_url),
                ("TICKSTOCKPL_API_URL", &simulator_url),
                ("DATABASE_URI", &uri),
                ("LEPTOS_SITE_ROOT", &site),
                ("RUST_LOG", "info"),
            ]);
            let url = format!("http://{addr}");
            let client =
                |n| Client::start(format!("{name}, client {n}"), http.clone(), url.clone());
            Ok(Console {
                name,
                clients: (1..=count).map(client).collect(),
                url,
                program,
            })
        };
        let consoles = [
            console("console-a", CLIENTS[0])?,
            console("console-b", CLIENTS[1])?,
        ];
        let mut stage = Stage {
            consoles,
            simulator,
            redis,
            _postgres: postgres,
            folder,
            database,
            redis_url,
            simulator_url,
            http,
        };
        for target in Target::ALL {
            stage.program(target).start()?;
        }
        Ok(stage)
    }

    async fn ready(&self) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let mut waiting = Vec::new();
            for console in &self.consoles {
                match self.get(&format!("{}/health", console.url)).await {
                    Ok(health) if health.contains(r#""redis":"up","tickstockpl":"up""#) => {}
                    answer => waiting.push(format!("{}: {answer:?}", console.name)),
                }
            }
            if waiting.is_empty() {
                return Ok(());
            }
            if began.elapsed() > START {
                return Err(format!("not ready after {START:?}: {}", waiting.join("; ")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn program(&mut self, target: Target) -> &mut Program {
        match target {
            Target::Redis => &mut self.redis,
            Target::Simulator => &mut self.simulator,
            Target::Console(index) => &mut self.consoles[index].program,
        }
    }

    pub(crate) async fn down(&mut self, target: Target, fault: Fault) {
        let program = self.program(target);
        match fault {
            Fault::Kill => program.kill(),
            Fault::Terminate => program.end().await,
            Fault::Stop => program.stop(),
        }
    }

    /// Resumes it, or starts it again.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn up(&mut self, target: Target) -> io::Result<()> {
        let program = self.program(target);
        program.resume();
        program.start()
    }

    /// The programs that do not run although they should, or are stopped.
    pub(crate) fn missing(&mut self) -> Vec<&'static str> {
        let programs = Target::ALL.map(|target| {
            let program = self.program(target);
            (!program.is_running() || program.is_stopped()).then_some(program.name)
        });
        programs.into_iter().flatten().collect()
    }

    /// What the simulator says.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn truth(&self) -> Result<Truth, String> {
        let text = self
            .get(&format!("{}/simulator/truth", self.simulator_url))
            .await?;
        serde_json::from_str(&text)
            .map_err(|error| format!("the simulator's truth cannot be read: {error}"))
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn get(&self, url: &str) -> Result<String, String> {
        let answer = self
            .http
            .get(url)
            .timeout(Duration::from_secs(3))
            .send()
            .await;
        let answer = answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| chain(&error))?;
        answer.text().await.map_err(|error| chain(&error))
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.consoles.iter().flat_map(|console| &console.clients)
    }

    /// The logs of all programs.
    pub(crate) fn logs(&self) -> [PathBuf; 4] {
        let [one, two] = &self.consoles;
        [
            self.redis.log(),
            self.simulator.log(),
            one.program.log(),
            two.program.log(),
        ]
    }

    /// The folder of logs and databases, which goes with the stage.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// An error with what caused it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn http_client() -> io::Result<reqwest::Client> {
    // Fails only where one is installed already, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(2));
    // A connection that was kept open may be one of a program that was killed since.
    builder
        .pool_max_idle_per_host(0)
        .build()
        .map_err(io::Error::other)
}

/// A program that cargo put beside this one.
fn sibling(name: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.with_file_name(name);
    if path.is_file() {
        return Ok(path);
    }
    let missing = format!(
        "{} is missing: build it with .ci/build, or cargo build -p server -p simulator",
        path.display()
    );
    Err(io::Error::new(io::ErrorKind::NotFound, missing))
}

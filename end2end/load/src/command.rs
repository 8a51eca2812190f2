//! From what is asked for to what is measured and said.

use crate::bare::BareServer;
use crate::error::{During, Error};
use crate::options::{Action, Kind, Measure, Messages, Options, Running};
use crate::publish::Plan;
use crate::report::Report;
use crate::scenario::steady::{self, Load, Measured};
use crate::scenario::{Target, burst, restart, stalled};
use crate::stage::{Program, Redis};
use crate::stop;
use std::env;
use std::net::SocketAddr;
use std::time::Duration;

/// Streams of the steady scenario.
const CROWDS: [usize; 4] = [100, 1000, 5000, 10_000];
/// Streams of the others.
const CROWD: usize = 1000;
/// Messages of a burst, and the time from one to the next.
const BURST: (usize, Duration) = (18, Duration::from_millis(500));
/// Bursts in all.
const BURSTS: usize = 30;
/// Streams that get [`RESULTS`], each of which the baseline writes for itself.
const RESULT_STREAMS: usize = 100;
/// Results per symbol in a second.
const RESULTS: usize = 5000;

/// Does what is asked for.
///
/// # Errors
/// When it cannot be done.
pub fn run(options: Options) -> Result<(), Error> {
    stop::on_signals()?;
    rlimit::increase_nofile_limit(u64::MAX).during("raising the limit of open files")?;
    let report = Report { json: options.json };
    match options.action {
        Action::Bare(addresses) => {
            let bare = BareServer::bind(addresses.redis, addresses.listen)?;
            report.line(&format!(
                "stream-load listening on http://{}",
                bare.address()?
            ));
            bare.serve()
        }
        Action::Measure(running) => measure(&report, &running),
        Action::Steady(asked) => Bench::start(&report, &asked)?.steady(),
        Action::Burst(asked) => Bench::start(&report, &asked)?.burst(),
        Action::Stalled(asked) => Bench::start(&report, &asked)?.stalled(),
        Action::Restart(asked) => Bench::start(&report, &asked)?.restart(),
        Action::All(asked) => {
            let bench = Bench::start(&report, &asked)?;
            bench.steady()?;
            bench.burst()?;
            bench.stalled()?;
            bench.restart()
        }
    }
}

fn measure(report: &Report, running: &Running) -> Result<(), Error> {
    let target = Target {
        server: running.address,
        pid: running.pid,
        redis: running.redis,
    };
    let mut rows = Vec::new();
    for streams in &running.streams {
        rows.push(steady::measure(
            &running.address.to_string(),
            target,
            load(*streams, running.messages),
        )?);
    }
    report.steady(&rows);
    Ok(())
}

fn load(streams: usize, messages: Messages) -> Load {
    Load {
        streams,
        plan: plan(messages),
        messages: count(messages),
    }
}

fn plan(messages: Messages) -> Plan {
    Plan::steady(messages.rate, messages.bytes.into())
}

fn count(messages: Messages) -> usize {
    (messages.rate * f64::from(messages.seconds)).ceil() as usize
}

/// What all measurements of a run share.
struct Bench<'a> {
    report: &'a Report,
    asked: &'a Measure,
    redis: Redis,
    programs: Vec<Program>,
}

impl<'a> Bench<'a> {
    fn start(report: &'a Report, asked: &'a Measure) -> Result<Bench<'a>, Error> {
        let own = env::current_exe().during("looking for the own program")?;
        let program = |kind: &Kind| match kind {
            Kind::Bare => Program::Bare(own.clone()),
            Kind::Relay => Program::Relay(asked.relay.clone()),
        };
        let programs = asked.servers.iter().map(program).collect();
        Ok(Bench {
            report,
            asked,
            redis: Redis::start()?,
            programs,
        })
    }

    fn steady(&self) -> Result<(), Error> {
        let mut rows = Vec::new();
        for streams in self.crowds(&CROWDS) {
            rows.extend(self.medians(load(streams, self.asked.messages))?);
        }
        self.report.steady(&rows);
        Ok(())
    }

    fn burst(&self) -> Result<(), Error> {
        let (burst, every) = BURST;
        let plan = Plan {
            burst,
            every,
            bytes: self.asked.messages.bytes.into(),
        };
        let mut rows = Vec::new();
        for streams in self.crowds(&[CROWD]) {
            rows.extend(self.medians(Load {
                streams,
                plan,
                messages: burst * BURSTS,
            })?);
        }
        self.report.bursts(&rows);
        let mut rows = Vec::new();
        for program in &self.programs {
            self.say(program, "results", RESULT_STREAMS);
            rows.push(burst::results(
                program,
                self.redis(),
                RESULT_STREAMS,
                RESULTS,
            )?);
        }
        self.report.results(&rows);
        Ok(())
    }

    fn stalled(&self) -> Result<(), Error> {
        let mut rows = Vec::new();
        let messages = self.asked.messages;
        for (streams, program) in self.each() {
            self.say(program, "stalled", streams);
            rows.push(stalled::run(
                program,
                self.redis(),
                streams,
                plan(messages),
                count(messages),
            )?);
        }
        self.report.stalled(&rows);
        Ok(())
    }

    fn restart(&self) -> Result<(), Error> {
        let mut rows = Vec::new();
        for (streams, program) in self.each() {
            self.say(program, "restart", streams);
            rows.push(restart::run(
                program,
                self.redis(),
                streams,
                plan(self.asked.messages),
            )?);
        }
        self.report.restart(&rows);
        Ok(())
    }

    /// Each program's medians; they take turns, so that what else the machine does meets them
    /// alike.
    fn medians(&self, load: Load) -> Result<Vec<Measured>, Error> {
        let mut runs = vec![Vec::new(); self.programs.len()];
        for number in 1..=self.asked.repeat {
            for (program, runs) in self.programs.iter().zip(&mut runs) {
                self.say(
                    program,
                    &format!("run {number} of {}", self.asked.repeat),
                    load.streams,
                );
                runs.push(steady::of_program(program, self.redis(), load)?);
            }
        }
        Ok(runs
            .iter()
            .filter_map(|runs| steady::medians(runs))
            .collect())
    }

    /// The relay alone, with each number of streams: the baseline comes back from nothing, and
    /// gives nobody up.
    fn each(&self) -> impl Iterator<Item = (usize, &Program)> {
        let relays = self
            .programs
            .iter()
            .filter(|program| matches!(program, Program::Relay(_)));
        self.crowds(&[CROWD])
            .into_iter()
            .flat_map(move |streams| relays.clone().map(move |relay| (streams, relay)))
    }

    fn crowds(&self, default: &[usize]) -> Vec<usize> {
        if self.asked.streams.is_empty() {
            default.to_vec()
        } else {
            self.asked.streams.clone()
        }
    }

    fn redis(&self) -> SocketAddr {
        self.redis.address()
    }

    fn say(&self, program: &Program, what: &str, streams: usize) {
        eprintln!("{}, {streams} streams: {what}", program.name());
    }
}

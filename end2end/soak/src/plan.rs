//! What happens in a round and when, decided by the seed before it begins.

use crate::strays::{MALFORMED, Stray};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng as _, SeedableRng};
use std::time::Duration;

/// How long a round's faults begin within.
const ROUND: Duration = Duration::from_secs(10);
/// How long a program is down or stopped.
const DOWN_MS: std::ops::Range<u64> = 200..5_000;
const STOPPED_MS: std::ops::Range<u64> = 500..8_000;
/// Universes of the commands: small ones, and now and then the large one, with thousands of events
/// a second.
const UNIVERSES: [&str; 6] = ["dow30", "etf", "nasdaq100", "russell2000", "dow30", "sp500"];
const PHASES: [&str; 4] = ["import", "cache_sync", "indicators", "patterns"];

/// The rounds of one part of a soak.
pub(crate) struct Plan {
    rng: StdRng,
    faults: bool,
    /// Imports so far: each has look-back days of its own, by which its run is known in the
    /// simulator's truth.
    imports: u64,
}

/// What happens between two quiet points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Round {
    /// Whether it begins when nothing runs: its first command then starts a run, and its key is
    /// used again.
    pub from_idle: bool,
    /// In the order of time. Each target that goes down comes up in the same round.
    pub steps: Vec<Step>,
}

/// One thing that happens, and when, from the beginning of the round.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub at: Duration,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Down(Target, Fault),
    /// What was done to it is undone.
    Up(Target),
    /// Redis closes the connections of its subscribers.
    KillSubscribers,
    /// A client of a console closes its connection; which, as a fraction of their number.
    CutClient(f64),
    Command(Command),
    Stray(Stray),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Redis,
    Simulator,
    /// One of the two, 0 or 1.
    Console(usize),
}

impl Target {
    pub(crate) const ALL: [Target; 4] = [
        Target::Redis,
        Target::Simulator,
        Target::Console(0),
        Target::Console(1),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL, and started again.
    Kill,
    /// SIGTERM, and started again.
    Terminate,
    /// SIGSTOP, and SIGCONT.
    Stop,
}

/// A command over a console's REST API.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Command {
    pub at: Sender,
    pub what: Request,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Console(usize),
    /// Both at once, with the same Idempotency-Key.
    Both,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Trigger {
        universe: &'static str,
        phases: Vec<&'static str>,
    },
    /// An import with an Idempotency-Key; `lookback_days` differs from import to import.
    Import {
        universe: &'static str,
        lookback_days: u64,
    },
    /// An earlier import that started a run, or may have, again with its key; which, as a fraction
    /// of the latest few.
    Again(f64),
    Retry,
    Cancel,
}

impl Plan {
    pub(crate) fn new(seed: u64, faults: bool) -> Plan {
        Plan {
            rng: StdRng::seed_from_u64(seed),
            faults,
            imports: 0,
        }
    }

    /// The next round.
    pub(crate) fn round(&mut self) -> Round {
        let from_idle = self.rng.random_bool(0.4);
        let first = if from_idle {
            self.import()
        } else {
            self.start_command()
        };
        let mut steps = vec![Step {
            at: Duration::ZERO,
            action: Action::Command(first),
        }];
        let commands = self.rng.random_range(1..4);
        for _ in 0..commands {
            let command = if from_idle {
                self.again()
            } else {
                self.command()
            };
            steps.push(Step {
                at: self.moment(),
                action: Action::Command(command),
            });
        }
        if self.rng.random_bool(0.5) {
            steps.push(Step {
                at: self.moment(),
                action: Action::CutClient(self.rng.random()),
            });
        }
        if self.faults {
            self.faults(&mut steps);
            let strays = self.rng.random_range(0..4);
            for _ in 0..strays {
                let action = Action::Stray(self.stray());
                steps.push(Step {
                    at: self.moment(),
                    action,
                });
            }
            if self.rng.random_bool(0.3) {
                let times = self.rng.random_range(1..4);
                let first = self.moment();
                let kills = (0..times).map(|n| first + Duration::from_millis(700) * n);
                steps.extend(kills.map(|at| Step {
                    at,
                    action: Action::KillSubscribers,
                }));
            }
        }
        steps.sort_by_key(|step| step.at);
        Round { from_idle, steps }
    }

    fn moment(&mut self) -> Duration {
        self.rng.random_range(Duration::ZERO..ROUND)
    }

    fn faults(&mut self, steps: &mut Vec<Step>) {
        let mut busy: Vec<(Target, Duration, Duration)> = Vec::new();
        let count = self.rng.random_range(1..5);
        for _ in 0..count {
            let Some(&target) = Target::ALL.choose(&mut self.rng) else {
                continue;
            };
            let fault = match self.rng.random_range(0..10) {
                0..5 => Fault::Kill,
                5..6 => Fault::Terminate,
                _ => Fault::Stop,
            };
            let range = if fault == Fault::Stop {
                STOPPED_MS
            } else {
                DOWN_MS
            };
            let (from, time) = (
                self.moment(),
                Duration::from_millis(self.rng.random_range(range)),
            );
            let to = from + time;
            // Done to it already at that time.
            if busy
                .iter()
                .any(|(other, begin, end)| *other == target && from <= *end && *begin <= to)
            {
                continue;
            }
            busy.push((target, from, to));
            steps.push(Step {
                at: from,
                action: Action::Down(target, fault),
            });
            steps.push(Step {
                at: to,
                action: Action::Up(target),
            });
        }
    }

    fn console(&mut self) -> usize {
        self.rng.random_range(0..2)
    }

    fn universe(&mut self) -> &'static str {
        UNIVERSES.choose(&mut self.rng).copied().unwrap_or("dow30")
    }

    fn start_command(&mut self) -> Command {
        if self.rng.random_bool(0.3) {
            return self.import();
        }
        let universe = self.universe();
        let phases = match self.rng.random_range(0..3) {
            0 => PHASES
                .into_iter()
                .filter(|_| self.rng.random_bool(0.6))
                .collect(),
            _ => Vec::new(),
        };
        Command {
            at: Sender::Console(self.console()),
            what: Request::Trigger { universe, phases },
        }
    }

    fn import(&mut self) -> Command {
        self.imports += 1;
        let at = if self.rng.random_bool(0.5) {
            Sender::Both
        } else {
            Sender::Console(self.console())
        };
        Command {
            at,
            what: Request::Import {
                universe: self.universe(),
                lookback_days: self.imports,
            },
        }
    }

    fn again(&mut self) -> Command {
        Command {
            at: Sender::Console(self.console()),
            what: Request::Again(self.rng.random()),
        }
    }

    fn command(&mut self) -> Command {
        let what = match self.rng.random_range(0..10) {
            0..2 => return self.start_command(),
            2..4 => return self.import(),
            4..6 => return self.again(),
            6..7 => Request::Retry,
            _ => Request::Cancel,
        };
        Command {
            at: Sender::Console(self.console()),
            what,
        }
    }

    fn stray(&mut self) -> Stray {
        match self.rng.random_range(0..6) {
            0 => Stray::DuplicateEnd(self.rng.random()),
            1 => Stray::LateProgress(self.rng.random()),
            2 => Stray::UnknownStart(self.rng.random()),
            3 => Stray::UnknownProgress(self.rng.random()),
            4 => Stray::EndWithoutId,
            _ => Stray::Malformed(self.rng.random_range(0..MALFORMED.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_rounds() {
        let rounds = |seed| {
            let mut plan = Plan::new(seed, true);
            (0..20).map(|_| plan.round()).collect::<Vec<_>>()
        };
        assert_eq!(rounds(3), rounds(3));
        assert_ne!(rounds(3), rounds(4));
    }

    #[test]
    fn whatever_goes_down_in_a_round_comes_up_in_it() {
        let mut plan = Plan::new(1, true);
        for _ in 0..200 {
            let mut down = Vec::new();
            for step in plan.round().steps {
                match step.action {
                    Action::Down(target, _) => {
                        assert!(!down.contains(&target), "{target:?} went down twice");
                        down.push(target);
                    }
                    Action::Up(target) => down.retain(|other| *other != target),
                    _ => {}
                }
            }
            assert_eq!(down, []);
        }
    }

    #[test]
    fn without_faults_there_are_commands_and_cut_clients_only() {
        let mut plan = Plan::new(1, false);
        let mut steps = (0..50).flat_map(|_| plan.round().steps);
        assert!(steps.all(|step| matches!(step.action, Action::Command(_) | Action::CutClient(_))));
    }
}

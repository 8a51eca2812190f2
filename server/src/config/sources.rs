//! Where values come from: the environment, `.env`, a TOML file, and the declarations' defaults,
//! merged by figment.

use super::declare::Setting;
use super::error::Problem;
use super::layer::{FILE_VARIABLE, Layer, nearest, read_dotenv, read_toml};
use figment::Figment;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The TOML file that is read where none is named.
const DEFAULT_FILE: &str = "tickstock-console.toml";
/// A variable that begins like this and is not ours is probably misspelt.
const OWN_PREFIX: &str = "CONSOLE_";
/// The source of a value that was not given.
const DEFAULT: &str = "default";

/// A value and where it comes from. `Debug` leaves out the value, which may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SourcedValue {
    /// The value itself.
    pub text: String,
    /// `the environment`, `.env`, a file with a line, or `default`.
    pub source: String,
}

impl std::fmt::Debug for SourcedValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourcedValue")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// A variable with this program's prefix that is not a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The environment or `.env`.
    pub source: String,
    /// The setting whose name is the most similar.
    pub nearest: &'static str,
}

/// All values that were given, before they are parsed. `Debug` leaves them out, since they include
/// secrets.
pub struct Sources {
    figment: Figment,
    /// Variables that are ignored, but should be mentioned.
    pub unknown: Vec<UnknownVariable>,
    /// What is wrong with the files.
    pub problems: Vec<Problem>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("unknown", &self.unknown)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// Reads everything from the process's environment and working directory, and from
    /// `config_file` instead of the usual TOML file.
    pub fn load(known: &[&'static Setting], config_file: Option<&Path>) -> Sources {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Sources::read(known, environment.collect(), Path::new(""), config_file)
    }

    fn read(
        known: &[&'static Setting],
        environment: BTreeMap<String, String>,
        folder: &Path,
        config_file: Option<&Path>,
    ) -> Sources {
        let mut problems = Vec::new();
        let environment = Layer::new("the environment", environment);
        let dotenv = Layer::new(".env", read_dotenv(&folder.join(".env"), &mut problems));
        let unknown = [&environment, &dotenv]
            .into_iter()
            .flat_map(|layer| unknown_variables(known, layer))
            .collect();
        let named = config_file.map(Path::to_owned).or_else(|| {
            [&environment, &dotenv]
                .iter()
                .find_map(|layer| layer.values.get(FILE_VARIABLE))
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        });
        let file = match named {
            Some(path) => Some(path),
            None => Some(folder.join(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let mut figment = Figment::new();
        if let Some(path) = file {
            figment = figment.merge(read_toml(known, &path, &mut problems));
        }
        figment = figment.merge(dotenv).merge(environment);
        if let Some(path) = config_file {
            let argument = [(FILE_VARIABLE.to_owned(), path.display().to_string())];
            figment = figment.merge(Layer::new("--config", argument.into()));
        }
        Sources {
            figment,
            unknown,
            problems,
        }
    }

    /// The values that `get` gives, as if they were the environment.
    pub fn from_values(
        known: &[&'static Setting],
        get: impl Fn(&str) -> Option<String>,
    ) -> Sources {
        let values = known
            .iter()
            .filter_map(|setting| Some((setting.name.to_owned(), get(setting.name)?)));
        Sources {
            figment: Figment::from(Layer::new("the environment", values.collect())),
            unknown: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A setting's value and where it comes from. One that is empty counts as not set.
    pub fn value(&self, setting: &Setting) -> Option<SourcedValue> {
        let given = self.figment.extract_inner::<String>(setting.name).ok();
        let given = given
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        match given {
            Some(text) => Some(SourcedValue {
                text,
                source: self
                    .figment
                    .find_metadata(setting.name)
                    .map(|layer| layer.interpolate(self.figment.profile(), &[setting.name]))
                    .unwrap_or_default(),
            }),
            None => setting.default.map(|text| SourcedValue {
                text: text.to_owned(),
                source: DEFAULT.to_owned(),
            }),
        }
    }
}

fn unknown_variables(known: &[&'static Setting], layer: &Layer) -> Vec<UnknownVariable> {
    let names = layer.values.keys().filter(|name| {
        name.starts_with(OWN_PREFIX) && known.iter().all(|setting| setting.name != name.as_str())
    });
    names
        .map(|name| UnknownVariable {
            name: name.clone(),
            source: layer.name.clone(),
            nearest: nearest(known, name).name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::*;

    /// Reads a folder with these files and this environment.
    fn read(files: &[(&str, &str)], environment: &[(&str, &str)]) -> (Sources, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let values = environment.iter().map(|(name, value)| {
            let value = value.replace("FOLDER", &folder.path().display().to_string());
            ((*name).to_owned(), value)
        });
        let sources = Sources::read(SETTINGS, values.collect(), folder.path(), None);
        (sources, folder.path().display().to_string())
    }

    fn value(sources: &Sources, name: &str) -> Option<(String, String)> {
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .unwrap();
        sources
            .value(setting)
            .map(|value| (value.text, value.source))
    }

    #[test]
    fn environment_overrides_dotenv_overrides_toml() {
        let toml = "redis_host = \"toml\"\nredis_port = 1\n\nredis_db = 1\nconsole_auth = [\"users\", \"tokens\"]\n";
        let dotenv = "REDIS_HOST=dotenv\nREDIS_PORT=2\nCONSOLE_ADDR=dotenv\n";
        let files = [("tickstock-console.toml", toml), (".env", dotenv)];
        let environment = [("REDIS_HOST", "environment"), ("CONSOLE_ADDR", "")];
        let (sources, folder) = read(&files, &environment);
        let file = format!("{folder}/tickstock-console.toml");
        for (name, text, source) in [
            ("REDIS_HOST", "environment", "the environment"),
            ("REDIS_PORT", "2", ".env"),
            ("REDIS_DB", "1", &format!("{file}:4")),
            ("CONSOLE_AUTH", "users,tokens", &format!("{file}:5")),
            ("CONSOLE_ADDR", "127.0.0.1:5000", "default"),
        ] {
            assert_eq!(
                value(&sources, name),
                Some((text.to_owned(), source.to_owned()))
            );
        }
        assert_eq!(value(&sources, "REDIS_URL"), None);
        assert!(sources.problems.is_empty() && sources.unknown.is_empty());
    }

    #[test]
    fn secrets_that_look_like_numbers_stay_text() {
        let token = "0123";
        let (sources, _) = read(
            &[(".env", "TICKSTOCKPL_API_KEY=1e3")],
            &[("TICKSTOCKPL_TOKEN", token)],
        );
        assert_eq!(value(&sources, "TICKSTOCKPL_TOKEN").unwrap().0, token);
        assert_eq!(value(&sources, "TICKSTOCKPL_API_KEY").unwrap().0, "1e3");
    }

    #[test]
    fn console_config_names_another_file() {
        let files = [
            ("tickstock-console.toml", "redis_port = 1"),
            ("other.toml", "redis_db = 2"),
        ];
        let (sources, _) = read(&files, &[("CONSOLE_CONFIG", "FOLDER/other.toml")]);
        assert_eq!(value(&sources, "REDIS_DB").unwrap().0, "2");
        assert_eq!(value(&sources, "REDIS_PORT").unwrap().0, "6379");
        let (sources, folder) = read(&[], &[("CONSOLE_CONFIG", "FOLDER/absent.toml")]);
        assert_eq!(
            sources.problems[0].to_string(),
            format!(
                "failed to read {folder}/absent.toml: the file does not exist. Check the path in --config or CONSOLE_CONFIG"
            )
        );
    }

    #[test]
    fn unknown_keys_are_errors_and_name_the_nearest() {
        let toml = "redis_prot = 1\n[console]\naddr = 1\n";
        let (sources, folder) = read(&[("tickstock-console.toml", toml)], &[]);
        let lines: Vec<String> = sources.problems.iter().map(Problem::to_string).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines
                .iter()
                .find(|line| line.contains("redis_prot"))
                .unwrap(),
            &format!(
                "unknown setting \"redis_prot\" in {folder}/tickstock-console.toml:1: there is no setting of this name. Did you mean redis_port?"
            )
        );
    }

    #[test]
    fn malformed_files_are_errors_without_their_text() {
        for (name, text) in [
            (".env", "s3cret with spaces"),
            ("tickstock-console.toml", "redis_url = redis://:s3cret@host"),
            ("tickstock-console.toml", "redis_url = { s3cret = 1 }"),
        ] {
            let (sources, _) = read(&[(name, text)], &[]);
            let [problem] = sources.problems.as_slice() else {
                panic!("{text}: {:?}", sources.problems)
            };
            assert!(!problem.to_string().contains("s3cret"), "{problem}");
        }
    }

    #[test]
    fn unknown_variables_of_ours_are_mentioned() {
        let (sources, _) = read(
            &[(".env", "CONSOLE_ADR=x\nREDIS_X=x")],
            &[("CONSOLE_KEEP", "1")],
        );
        let unknown = sources.unknown.iter();
        let unknown: Vec<_> = unknown
            .map(|it| (it.name.as_str(), it.source.as_str(), it.nearest))
            .collect();
        assert_eq!(
            unknown,
            [
                ("CONSOLE_KEEP", "the environment", "CONSOLE_KEEP_DAYS"),
                ("CONSOLE_ADR", ".env", "CONSOLE_ADDR")
            ]
        );
    }
}

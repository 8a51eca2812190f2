//! Where values come from: the environment, `.env`, a TOML file, and the declarations' defaults,
//! merged by figment.

use super::declare::Setting;
use super::error::Problem;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The TOML file that is read where none is named.
const DEFAULT_FILE: &str = "tickstock-console.toml";
/// The variable that names another one.
const FILE_VARIABLE: &str = "CONSOLE_CONFIG";
/// A variable that begins like this and is none of ours is probably misspelt.
const OWN_PREFIX: &str = "CONSOLE_";
/// The source of a value that was not given.
const DEFAULT: &str = "default";

/// A value and where it comes from. Not `Debug`, since the value may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SourcedValue {
    /// The value itself.
    pub text: String,
    /// `the environment`, `.env`, a file with a line, or `default`.
    pub source: String,
}

/// A variable with this program's prefix that is not a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The environment or `.env`.
    pub source: &'static str,
    /// The setting whose name is the most similar.
    pub nearest: &'static str,
}

/// All values that were given, before they are parsed. Not `Debug`, since they include secrets.
pub struct Sources {
    figment: Figment,
    /// Variables that are ignored, but should be mentioned.
    pub unknown: Vec<UnknownVariable>,
    /// What is wrong with the files.
    pub problems: Vec<Problem>,
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

/// What one source gives. Values are text; each setting's parser makes of it what it is.
#[derive(Clone)]
struct Layer {
    name: String,
    values: BTreeMap<String, String>,
    /// Lines of the values, where the source is a file that has them.
    lines: BTreeMap<String, usize>,
}

impl Layer {
    fn new(name: impl Into<String>, values: BTreeMap<String, String>) -> Layer {
        Layer {
            name: name.into(),
            values,
            lines: BTreeMap::new(),
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let (name, lines) = (self.name.clone(), self.lines.clone());
        Metadata::named(self.name.clone()).interpolater(move |_, keys| {
            match keys.first().and_then(|key| lines.get(*key)) {
                Some(line) => format!("{name}:{line}"),
                None => name.clone(),
            }
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let values = self.values.iter();
        let dict = values.map(|(name, text)| (name.clone(), Value::from(text.clone())));
        Ok(Profile::Default.collect(dict.collect()))
    }
}

fn read_dotenv(path: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return values,
        Err(_) => {
            let fix = "Check its type and permissions";
            problems.push(Problem::new(
                "failed to read .env",
                "it is not readable",
                fix,
            ));
            return values;
        }
    };
    let mut malformed = false;
    for line in lines {
        match line {
            Ok((name, value)) => drop(values.insert(name, value)),
            Err(_) => malformed = true,
        }
    }
    if malformed {
        // The line itself may contain a secret: it is not repeated.
        problems.push(Problem::new(
            "failed to read .env",
            "a line is not NAME=value",
            "Quote values that contain spaces",
        ));
    }
    values
}

fn read_toml(known: &[&'static Setting], path: &Path, problems: &mut Vec<Problem>) -> Layer {
    let name = path.display().to_string();
    let mut layer = Layer::new(name.as_str(), BTreeMap::new());
    let failed = format!("failed to read {name}");
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::NotFound => "the file does not exist".to_owned(),
                _ => error.to_string(),
            };
            let fix = format!("Check the path in --config or {FILE_VARIABLE}");
            problems.push(Problem::new(failed, why, fix));
            return layer;
        }
    };
    let line_at = |offset: usize| text[..offset].matches('\n').count() + 1;
    let table = match DeTable::parse(&text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_at(span.start));
            let fix = "Write one `key = \"value\"` a line";
            problems.push(Problem::new(
                format!("{failed}:{line}"),
                error.message().to_owned(),
                fix,
            ));
            return layer;
        }
    };
    for (key, value) in table.get_ref() {
        let line = line_at(key.span().start);
        let key = key.get_ref();
        let Some(setting) = known.iter().find(|setting| setting.key() == **key) else {
            problems.push(Problem::new(
                format!("unknown setting {key:?} in {name}:{line}"),
                "there is no setting of this name",
                format!("Did you mean {}?", nearest(known, key).key()),
            ));
            continue;
        };
        match toml_text(value.get_ref()) {
            Some(value) => {
                layer.values.insert(setting.name.to_owned(), value);
                layer.lines.insert(setting.name.to_owned(), line);
            }
            None => problems.push(Problem::new(
                format!("invalid {key} in {name}:{line}"),
                format!("a {} is not accepted", value.get_ref().type_str()),
                "Use a string, a number, a boolean or an array of them",
            )),
        }
    }
    layer
}

/// A value of a TOML file as an environment variable would have it: an array becomes a list.
fn toml_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Array(values) => {
            let texts: Option<Vec<_>> = values
                .iter()
                .map(|value| toml_text(value.get_ref()))
                .collect();
            texts.map(|texts| texts.join(","))
        }
        DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn unknown_variables(known: &[&'static Setting], layer: &Layer) -> Vec<UnknownVariable> {
    let source = if layer.name == ".env" {
        ".env"
    } else {
        "the environment"
    };
    let names = layer.values.keys().filter(|name| {
        name.starts_with(OWN_PREFIX) && known.iter().all(|setting| setting.name != name.as_str())
    });
    names
        .map(|name| UnknownVariable {
            name: name.clone(),
            source,
            nearest: nearest(known, name).name,
        })
        .collect()
}

/// The setting whose name is the most similar.
fn nearest(known: &[&'static Setting], name: &str) -> &'static Setting {
    let name = name.to_ascii_uppercase();
    let similarity = |setting: &Setting| strsim::jaro_winkler(setting.name, &name);
    known
        .iter()
        .copied()
        .max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
        .expect("there are settings")
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
            .map(|it| (it.name.as_str(), it.source, it.nearest))
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

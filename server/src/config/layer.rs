//! The sources by themselves: what each gives, as a provider for figment.

use super::declare::Setting;
use super::error::Problem;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The variable that names the TOML file.
pub(super) const FILE_VARIABLE: &str = "CONSOLE_CONFIG";

/// What one source gives. Values are text; each setting's parser makes of it what it is.
#[derive(Clone)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) values: BTreeMap<String, String>,
    /// Lines of the values, where the source is a file that has them.
    lines: BTreeMap<String, usize>,
}

impl Layer {
    pub(super) fn new(name: impl Into<String>, values: BTreeMap<String, String>) -> Layer {
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

/// Reads a file of lines `NAME=value`, if it exists.
pub(super) fn read_dotenv(path: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
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

/// Reads a TOML file, whose keys have to be those of known settings.
pub(super) fn read_toml(
    known: &[&'static Setting],
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Layer {
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

/// The setting whose name is the most similar.
pub(super) fn nearest(known: &[&'static Setting], name: &str) -> &'static Setting {
    let name = name.to_ascii_uppercase();
    let similarity = |setting: &Setting| strsim::jaro_winkler(setting.name, &name);
    known
        .iter()
        .copied()
        .max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
        .expect("there are settings")
}

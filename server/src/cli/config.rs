//! `tickstock-console config`: the settings in force, and their reference.

use crate::config::{SETTINGS, Setting, Sources, Visibility};
use clap::Args;
use serde_json::json;
use std::io::{self, Write};

/// How to print the settings; a table by default.
#[derive(Debug, Args)]
pub struct ConfigOutput {
    /// Print a JSON array
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the reference table of docs/configuration.md instead
    #[arg(long)]
    markdown: bool,
}

/// Prints every setting, its value without secrets, and the source of the value.
///
/// # Errors
/// When standard output is closed.
pub fn print_config(sources: &Sources, output: &ConfigOutput) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if output.markdown {
        return out.write_all(settings_markdown().as_bytes());
    }
    let rows = SETTINGS.iter().map(|setting| {
        let (shown, source) = match sources.value(setting) {
            Some(value) => (Some(setting.show(&value.text)), Some(value.source)),
            None => (None, None),
        };
        (*setting, shown, source)
    });
    if output.json {
        let rows: Vec<_> = rows
            .map(|(setting, value, source)| {
                let secret = setting.visibility == Visibility::Secret;
                json!({ "name": setting.name, "value": value, "source": source, "secret": secret })
            })
            .collect();
        return writeln!(out, "{:#}", serde_json::Value::Array(rows));
    }
    let rows: Vec<_> = rows.collect();
    let values = rows.iter().filter_map(|(_, value, _)| value.as_ref());
    let width = values.map(|value| value.chars().count()).max().unwrap_or(0);
    writeln!(out, "{:<31} {:<width$} SOURCE", "SETTING", "VALUE")?;
    for (setting, value, source) in rows {
        let (value, source) = (
            value.as_deref().unwrap_or("-"),
            source.as_deref().unwrap_or("-"),
        );
        writeln!(out, "{:<31} {value:<width$} {source}", setting.name)?;
    }
    Ok(())
}

/// The settings as `--help` lists them.
pub fn settings_help() -> String {
    let mut help =
        "Settings, from the environment, .env or a TOML file, where names are in lower case:\n"
            .to_owned();
    for setting in SETTINGS {
        let default = setting
            .default
            .map(|default| format!(" [default: {default}]"));
        help += &format!("\n  {}{}\n", setting.name, default.unwrap_or_default());
        for line in setting.doc {
            help += &format!("      {}\n", line.trim());
        }
    }
    help + "\nExit codes: 0 success; 1 the server stopped with an error, or `db check` found problems;\n2 invalid arguments or settings, or a command failed."
}

/// The reference table of docs/configuration.md.
fn settings_markdown() -> String {
    let mut table = "| setting | default | description |\n|---|---|---|\n".to_owned();
    for setting in SETTINGS {
        table += &markdown_row(setting);
    }
    table
}

fn markdown_row(setting: &Setting) -> String {
    let default = setting.default.map(|default| format!("`{default}`"));
    let doc: Vec<&str> = setting.doc.iter().map(|line| line.trim()).collect();
    format!(
        "| `{}` | {} | {} |\n",
        setting.name,
        default.unwrap_or_default(),
        doc.join(" ")
    )
}

//! Settings as a person meets them: `tickstock-console config`, `--help`, and their documentation.
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in `folder` with these variables alone.
fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickstock-console"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn documented_table_is_that_of_the_declarations() {
    let folder = tempfile::tempdir().unwrap();
    let declared = text(&run(folder.path(), &["config", "--markdown"], &[]).stdout);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = std::fs::read_to_string(path).unwrap();
    let is_row = |line: &&str| line.starts_with('|');
    let documented: Vec<&str> = page.lines().filter(is_row).collect();
    assert!(
        documented == declared.lines().collect::<Vec<_>>(),
        "replace the table in docs/configuration.md with:\n\n{declared}"
    );
}

#[test]
fn config_prints_values_and_sources_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(".env", "TICKSTOCKPL_TOKEN=s3cret\nCONSOLE_KEEP_DAYS=7\n");
    write(
        "tickstock-console.toml",
        "# comment\nconsole_environment = \"staging\"\n",
    );
    let environment = [("REDIS_URL", "redis://ops:s3cret@redis.example/1")];
    let table = text(&run(folder.path(), &["config"], &environment).stdout);
    for (name, value, source) in [
        (
            "REDIS_URL",
            "redis://***@redis.example/1",
            "the environment",
        ),
        ("TICKSTOCKPL_TOKEN", "set", ".env"),
        ("CONSOLE_KEEP_DAYS", "7", ".env"),
        ("CONSOLE_ENVIRONMENT", "staging", "tickstock-console.toml:2"),
        ("CONSOLE_ADDR", "127.0.0.1:5000", "default"),
        ("TICKSTOCKPL_API_KEY", "-", "-"),
    ] {
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap();
        let words: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(words[1], value, "{row}");
        assert_eq!(words[2..].join(" "), source, "{row}");
    }
    let json = text(&run(folder.path(), &["config", "--json"], &environment).stdout);
    let json: Vec<Value> = serde_json::from_str(&json).unwrap();
    let days = json
        .iter()
        .find(|row| row["name"] == "CONSOLE_KEEP_DAYS")
        .unwrap();
    assert_eq!(
        (&days["value"], &days["source"]),
        (&"7".into(), &".env".into())
    );
    assert!(!table.contains("s3cret") && !format!("{json:?}").contains("s3cret"));
}

#[test]
fn all_problems_are_printed_and_end_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, "redis_prot = 6379\nredis_db = \"x\"\n").unwrap();
    let arguments = ["--config", "x.toml"];
    let output = run(folder.path(), &arguments, &[("REDIS_PORT", "x")]);
    assert_eq!(output.status.code(), Some(2));
    let errors = text(&output.stderr);
    assert_eq!(errors.lines().count(), 3, "{errors}");
    for part in [
        "x.toml:1",
        "Did you mean redis_port?",
        "invalid REDIS_DB in x.toml:2",
        "REDIS_PORT",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
}

#[test]
fn unknown_variable_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["config"], &[("CONSOLE_ADR", "x")]);
    assert!(output.status.success());
    let log = text(&output.stderr);
    assert!(
        log.contains("ignored unknown setting") && log.contains("\"CONSOLE_ADDR\""),
        "{log}"
    );
}

#[test]
fn help_lists_every_setting_and_version_names_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&run(folder.path(), &["--help"], &[]).stdout);
    for setting in server::config::SETTINGS {
        assert!(
            help.contains(&format!("\n  {}", setting.name)),
            "{}",
            setting.name
        );
    }
    let version = text(&run(folder.path(), &["--version"], &[]).stdout);
    assert_eq!(
        version,
        format!("tickstock-console {}\n", env!("CARGO_PKG_VERSION"))
    );
}

//! The access rules of all routes: the table of [`access::RULES`], and one rule for the server
//! function of each command.

use access::{AccessRule, Permission, RULES, Requirement};
use app::commands::{COMMANDS, CommandPermission};
use std::sync::LazyLock;

/// All access rules.
pub static ACCESS_RULES: LazyLock<Vec<AccessRule>> = LazyLock::new(|| {
    let commands = COMMANDS.iter().map(|spec| AccessRule {
        method: "POST",
        path: spec.action().into(),
        requirement: Requirement::Permission(match spec.permission {
            CommandPermission::Command => Permission::Command,
            CommandPermission::Acknowledge => Permission::Acknowledge,
        }),
    });
    RULES.iter().cloned().chain(commands).collect()
});

//! The access rules of all routes: the table of [`access::RULES`], and those of the server
//! function and the REST operation of each command.

use access::{AccessRule, Permission, RULES, Requirement};
use app::commands::{COMMANDS, CommandPermission};
use std::sync::LazyLock;

/// All access rules.
pub static ACCESS_RULES: LazyLock<Vec<AccessRule>> = LazyLock::new(|| {
    let commands = COMMANDS.iter().flat_map(|spec| {
        let requirement = Requirement::Permission(match spec.permission {
            CommandPermission::Command => Permission::Command,
            CommandPermission::Acknowledge => Permission::Acknowledge,
        });
        [Some(spec.action().into()), spec.rest_path.map(Into::into)]
            .into_iter()
            .flatten()
            .map(move |path| AccessRule {
                method: "POST",
                path,
                requirement,
            })
    });
    RULES.iter().cloned().chain(commands).collect()
});

//! The key: where it comes from, and who else may read it. Nothing of the key itself is told.

use std::path::Path;

use serde_json::json;

use super::checks::Check;
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::rights::Rights;
use crate::base::secret::{ApiKey, KeyOrigin};
use crate::cli::CommonArgs;
use crate::push::plan::{self, Environment};

/// Looks for the key as a push does.
pub(super) fn check(common: &CommonArgs, environment: &Environment) -> (Check, Option<ApiKey>) {
    let places = plan::key_places(common, environment);
    let origin = places.origin();
    let is_typed = common.connection.api_key_file.is_some();
    let source = origin.as_ref().map(|origin| source(origin, is_typed));
    // What a relative path leads to depends on the folder, which is another one under cron.
    let path = (origin.as_ref().and_then(path))
        .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let path = path.as_deref();
    let rights = path.and_then(|path| Rights::of(&path.metadata().ok()?));
    let facts = json!({
        "source": source,
        "path": path.map(|path| path.to_string_lossy()),
        "owner": rights.map(|rights| rights.owner),
        "mode": rights.map(|rights| format!("{:04o}", rights.mode)),
    });
    let from = source.unwrap_or_default();
    match places.find() {
        Ok((key, _)) => {
            let message = match path {
                None => from.to_owned(),
                Some(path) => {
                    let rights = rights.map(|rights| format!(", {}", told(rights)));
                    let path = display::quoted(&path.to_string_lossy());
                    format!("{path} ({from}){}", rights.unwrap_or_default())
                }
            };
            let check = match key.warning() {
                None => Check::ok("key", message),
                Some(warning) => {
                    let message = format!("{} ({from})", warning.message);
                    Check::warning("key", message).hint(warning.hint.clone())
                }
            };
            (check.with(facts), Some(key))
        }
        Err(error) => {
            // Its message names the mode where that is what is wrong.
            let owner = rights.map(|rights| format!(", {}", whose(rights)));
            let message = match path {
                None => error.message,
                Some(_) => format!("{} ({from}){}", error.message, owner.unwrap_or_default()),
            };
            let failed = Check::complaint("key", Complaint::new(message, error.hint));
            (failed.with(facts), None)
        }
    }
}

/// What led to the key, as a user knows it.
fn source(origin: &KeyOrigin, is_typed: bool) -> &'static str {
    match origin {
        KeyOrigin::File(_) if is_typed => "--api-key-file",
        KeyOrigin::File(_) => "QOBRA_API_KEY_FILE",
        KeyOrigin::SystemdCredential(_) => "CREDENTIALS_DIRECTORY",
        KeyOrigin::Environment => "QOBRA_API_KEY",
    }
}

fn path(origin: &KeyOrigin) -> Option<&Path> {
    match origin {
        KeyOrigin::File(path) | KeyOrigin::SystemdCredential(path) => Some(path),
        KeyOrigin::Environment => None,
    }
}

/// `yours, mode 0600`.
pub(super) fn told(rights: Rights) -> String {
    format!("{}, mode {:04o}", whose(rights), rights.mode)
}

fn whose(rights: Rights) -> String {
    match rights.owner {
        _ if rights.is_mine() => "yours".to_owned(),
        0 => "root's".to_owned(),
        other => format!("user {other}'s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_have_the_names_that_users_know() {
        let file = KeyOrigin::File("key".into());
        assert_eq!(source(&file, true), "--api-key-file");
        assert_eq!(source(&file, false), "QOBRA_API_KEY_FILE");
        assert_eq!(source(&KeyOrigin::Environment, false), "QOBRA_API_KEY");
        let systemd = KeyOrigin::SystemdCredential("key".into());
        assert_eq!(source(&systemd, false), "CREDENTIALS_DIRECTORY");
    }

    /// Only there have files such owners.
    #[cfg(unix)]
    #[test]
    fn another_users_file_is_told_by_number() {
        let rights = Rights {
            owner: 4_000_000_000,
            mode: 0o600,
        };
        assert_eq!(whose(rights), "user 4000000000's");
    }
}

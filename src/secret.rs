//! The API key: a value that cannot be shown, and where it may come from.
//!
//! Sources, the first that is set wins: `--api-key-file`, `QOBRA_API_KEY_FILE`, systemd's
//! `$CREDENTIALS_DIRECTORY/qobra-api-key`, `QOBRA_API_KEY`.

//! The push: what the service gets, what refuses it, and what is said of it.

/// The push: what a user types, what the service gets, what both streams say.
mod basics;
/// Drafted mappings, each used at once.
mod draft;
/// What a dry run shows, as text and as a document.
mod dry_run;
/// Control totals, against what another program adds up.
mod totals;
/// Guards: what refuses to start, and the override that lets it.
mod guards;
/// What a push changes, by what the table held before and after it.
mod changes;
/// Only what changed is sent, or everything.
mod changed;
/// Guards, closed periods and plans where there is something to compare with.
mod frozen;
/// Plans: what a dry run showed is pushed, or nothing is.
mod plan;
/// Ids that occur twice.
mod duplicates;
/// Bad records that are left out.
mod left_out;
/// Windows, and whether the plan fits into one.
mod windows;
/// Pushes that are refused by this program or by the service, and the table stays as it was.
mod refusals;
/// API keys that a table gets for the first time.
mod mapping_says;
mod new_keys;
/// Requests that the service finds too large go as their halves.
mod halving;
/// Receipts, of the published form.
mod receipt;
/// What is known of the service, used and contradicted.
mod facts;
/// Two pushes to one table, at once and in each other's windows.
mod two_pushes;

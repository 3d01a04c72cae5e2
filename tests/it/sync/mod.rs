//! `sync`: the tables of a project file, through the real program.

mod changed;
mod drafted;
mod dry_run;
mod killed;
mod mistakes;
mod order;
mod precedence;
mod refused;
mod schema;
mod told;
mod tables;

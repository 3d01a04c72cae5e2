//! The command line, of the program and of the children that it starts of itself.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Compare pushes with other ways of doing the same job
#[derive(Debug, Parser)]
#[command(name = "compare", args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub child: Option<Child>,
    #[command(flatten)]
    pub options: Options,
}

/// What is measured.
#[derive(Debug, Args)]
pub struct Options {
    /// How often every case is run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,

    /// Records of the made-up files
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub rows: u64,

    /// The cases to run, by name; else all of them
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Push files of growing size too; takes long, and 8 GB of disk
    #[arg(
        long,
        value_name = "ROWS,...",
        value_delimiter = ',',
        num_args = 0..=1,
        default_missing_value = "300000,1000000,3000000,10000000"
    )]
    pub growth: Vec<u64>,

    /// The Python of the alternatives
    #[arg(long, value_name = "PATH", default_value = "python3")]
    pub python: PathBuf,

    /// The folder of the made-up files; else below Cargo's target folder
    #[arg(long, value_name = "DIR", default_value = env!("CARGO_TARGET_TMPDIR"))]
    pub dir: PathBuf,

    /// What the made-up files are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// What `cargo bench` says to every benchmark
    #[arg(long, hide = true)]
    pub bench: bool,
}

/// What a child of this program does.
#[derive(Debug, Subcommand)]
pub enum Child {
    /// Be the service
    #[command(hide = true)]
    Serve {
        #[arg(long, default_value_t = 0)]
        delay_ms: u64,
        /// Read every record and add up the digests
        #[arg(long)]
        read: bool,
        #[arg(long)]
        save: Option<PathBuf>,
    },
    /// Post files as they are, some at a time
    #[command(hide = true)]
    Post { folder: PathBuf, url: String },
    /// Push a CSV file as one would write it in an hour
    #[command(hide = true)]
    Naive { file: PathBuf, url: String },
}

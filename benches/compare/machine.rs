//! Where and with what a comparison was made.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cases;
use crate::options::Options;

/// Lines for the head of the output.
pub fn lines(options: &Options) -> Result<Vec<String>> {
    let size = std::fs::metadata(cases::program())?.len();
    let mut lines = vec![
        format!(
            "date: {}",
            jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC")
        ),
        format!("machine: {}", machine()),
        format!(
            "qobra-push {}{}, {:.2} MiB, built by {}",
            env!("CARGO_PKG_VERSION"),
            said("git", &["describe", "--always", "--dirty"])
                .map(|commit| format!(" ({commit})"))
                .unwrap_or_default(),
            size as f64 / f64::from(1 << 20),
            said("rustc", &["--version"]).unwrap_or_else(|| "an unknown compiler".to_owned()),
        ),
        format!("alternatives: {}", alternatives(&options.python)),
        format!("command: cargo bench --bench compare --{}", typed()),
    ];
    if cfg!(debug_assertions) {
        lines.push("**a debug build: the times mean nothing**".to_owned());
    }
    Ok(lines)
}

fn typed() -> String {
    let arguments = std::env::args().skip(1);
    arguments
        .filter(|argument| argument != "--bench")
        .map(|argument| format!(" {argument}"))
        .collect()
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = entry("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = entry("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map(|kib| format!(", {:.1} GiB", kib as f64 / f64::from(1 << 20)));
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.and_then(|text| Some(format!(", load {} before", text.split(' ').next()?)));
    format!(
        "{model}, {cores} cores{}, {} {}{}",
        memory.unwrap_or_default(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        load.unwrap_or_default(),
    )
}

/// The first entry of a name in one of the kernel's tables.
fn entry(table: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(table).ok()?;
    let mut entries = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = entries.find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

fn alternatives(python: &Path) -> String {
    let ask = "import platform, importlib.metadata as m
found = ['Python ' + platform.python_version()]
for name in ['requests', 'pandas', 'polars', 'duckdb', 'httpx']:
    try: found.append(name + ' ' + m.version(name))
    except m.PackageNotFoundError: pass
print(', '.join(found))";
    let python = python.to_string_lossy();
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let found = [
        said(&python, &["-c", ask]),
        said("mlr", &["--version"]),
        said("jq", &["--version"]),
        // Its first line goes on with all its libraries.
        said("curl", &["--version"])
            .map(|text| text.split(" (").next().unwrap_or_default().to_owned()),
    ];
    let found: Vec<_> = found.into_iter().flatten().map(first).collect();
    found.join(", ")
}

/// What a program prints, if it is there and ends well.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

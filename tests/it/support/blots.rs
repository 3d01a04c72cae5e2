//! Texts without what differs from run to run, from machine to machine and from system to system.

use std::path::Path;

use regex::{Captures, Regex};

/// A text in which a test's folder is `FOLDER`, and has slashes behind it whatever the system has.
pub fn below(folder: &Path, text: &str) -> String {
    let folder = folder.display().to_string();
    if cfg!(unix) {
        return text.replace(&folder, "FOLDER");
    }
    let in_json = folder.replace('\\', r"\\");
    let text = text.replace(&in_json, "FOLDER").replace(&folder, "FOLDER");
    let path = Regex::new(r"FOLDER[\w.%~\\-]*").unwrap();
    let slashes = |found: &Captures<'_>| found[0].replace(r"\\", "/").replace('\\', "/");
    path.replace_all(&text, slashes).into_owned()
}

/// A text of Windows as it is on Linux: what the system says of an error, in whichever language, and in hints
/// separators and the quotes around what is typed.
fn as_on_linux(text: &str) -> String {
    const ERRORS: [(i32, &str); 4] = [
        (2, "No such file or directory (os error 2)"),
        (3, "No such file or directory (os error 2)"),
        (112, "No space left on device (os error 28)"),
        (10_061, "Connection refused (os error 111)"),
    ];
    let mut text = text.to_owned();
    if cfg!(windows) {
        for (code, words) in ERRORS {
            let said = std::io::Error::from_raw_os_error(code).to_string();
            text = text.replace(&said, words);
        }
        // But around a query, which has quotes in it.
        let typed = Regex::new("\"([^\"\\n(]*)\"").unwrap();
        let quoted = |found: &Captures<'_>| format!("'{}'", found[1].replace('\'', r"'\''"));
        let separator = Regex::new(r"([\w.])\\(\w+)").unwrap();
        let slash = |found: &Captures<'_>| match &found[2] {
            // A character that is escaped.
            "u" => found[0].to_owned(),
            name => format!("{}/{name}", &found[1]),
        };
        let lines = text.split_inclusive('\n').map(|line| match line {
            hint if hint.starts_with("hint: ") => {
                let hint = typed.replace_all(hint, quoted);
                separator.replace_all(&hint, slash).into_owned()
            }
            line => line.to_owned(),
        });
        text = lines.collect();
    }
    text
}

/// A text with import ids, ports, times and speeds blotted out. Lines about chunks that were in
/// flight together and were accepted come in any order, so neighbouring ones are sorted.
pub fn tidy(text: &str) -> String {
    const BLOTS: [(&str, &str); 12] = [
        (r"\b[0-9a-f]{24}\b", "IMPORT"),
        (r"\bof \d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)\b", "of DAY $1"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"127\.0\.0\.1%3A\d+", "127.0.0.1%3APORT"),
        (r"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b", "RUN"),
        (r"\b\d\d:\d\d:\d\d\b", "HH:MM:SS"),
        (r"\bin \d+(\.\d+)? (ms|s)\b", "in TIME"),
        (r"\(\d[\d,]* records/s\)", "(N records/s)"),
        // Only what takes ten seconds is told, and only what takes one has a rate.
        (r"(?m)^proving: .*\n", ""),
        (r", \d[\d,]* records/s", ""),
        (r"window closes in \d[^,\n]*", "window closes in TIME"),
        (r"qobra-push/\d+\.\d+\.\d+", "qobra-push/VERSION"),
    ];
    let mut text = as_on_linux(text);
    for (pattern, blot) in BLOTS {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, blot)
            .into_owned();
    }
    let mut lines: Vec<&str> = text.lines().collect();
    let is_accepted = |line: &str| line.starts_with("chunk ") && line.contains(" accepted in ");
    for together in lines.chunk_by_mut(|a, b| is_accepted(a) && is_accepted(b)) {
        together.sort_unstable();
    }
    lines.join("\n") + "\n"
}

/// A tidy text without the times that [`tidy`] leaves where a test wants to see them.
pub fn blotted_times(text: &str) -> String {
    const BLOTS: [(&str, &str); 5] = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r#""seconds": ?[0-9.e-]+"#, "\"seconds\":N"),
        (r"qobra-push-\w+", "TEMPORARY"),
        (r"\b\d{4}-\d\d-\d\d HH:MM:SS\b", "TIME"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "TIME"),
    ];
    let mut text = text.to_owned();
    for (pattern, blot) in BLOTS {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, blot).into_owned();
    }
    text
}

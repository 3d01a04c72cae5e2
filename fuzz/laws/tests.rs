//! Each law on its seeds, on seeds that are damaged, and on bytes without sense.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

/// Pieces that mean something to one of the readers.
const PIECES: [&str; 48] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r",
    "\r\n",
    "\u{feff}",
    "\0",
    "é",
    "\u{202e}",
    "\u{1b}",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\\",
    "\\u",
    "\\ud83d",
    "\"items\"",
    "null",
    "true",
    "-",
    "0",
    "9",
    ".",
    "e",
    "1e999",
    "%",
    " ",
    "\u{a0}",
    "'",
    "#",
    "=",
    "[fields]\n",
    "[input]\n",
    "type",
    "\"finished\"",
    "\"error\"",
    "18446744073709551615",
    "GMT",
    "/",
    "2024-02-30",
    "…",
    "\u{2028}",
];

/// The files of `fuzz/seeds/NAME`, which also keep what fuzzing has found. The package that is
/// published goes without the folder.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    if !fuzz.exists() {
        return Vec::new();
    }
    let files = fs::read_dir(fuzz.join("seeds").join(name)).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 1, "{name} has seeds");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[derive(Clone, Debug)]
enum Damage {
    Set(u8),
    Insert(&'static str),
    Remove(usize),
    Repeat(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        2 => any::<u8>().prop_map(Damage::Set),
        5 => prop::sample::select(PIECES.to_vec()).prop_map(Damage::Insert),
        2 => (1..8_usize).prop_map(Damage::Remove),
        1 => (1..40_usize).prop_map(Damage::Repeat),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[(Index, Damage)]) -> Vec<u8> {
    for (at, damage) in damages {
        let at = at.index(bytes.len() + 1);
        let upto = |len: usize| (at + len).min(bytes.len());
        match damage {
            Damage::Set(byte) if at < bytes.len() => bytes[at] = *byte,
            Damage::Set(byte) => bytes.push(*byte),
            Damage::Insert(piece) => drop(bytes.splice(at..at, piece.bytes())),
            Damage::Remove(len) => drop(bytes.drain(at..upto(*len))),
            Damage::Repeat(len) => {
                let piece = bytes[at..upto(*len)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// Enough random inputs to meet the rare borders; `PROPTEST_CASES` asks for more.
fn cases() -> Config {
    let asked = Config::default();
    Config {
        cases: asked.cases.max(500),
        failure_persistence: None,
        ..asked
    }
}

/// `PROPTEST_CASES` asks for more.
fn hold(name: &str, law: fn(&[u8])) {
    let mut seeds = seeds(name);
    seeds.iter().for_each(|seed| law(seed));
    seeds.push(vec![0]);
    let one = prop_oneof![
        6 => (prop::sample::select(seeds), prop::collection::vec((any::<Index>(), damage()), 1..6))
            .prop_map(|(seed, damages)| damaged(seed, &damages)),
        2 => (any::<[u8; 2]>(), prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30))
            .prop_map(|(head, pieces)| [&head[..], pieces.concat().as_bytes()].concat()),
        1 => prop::collection::vec(any::<u8>(), 0..60),
    ];
    let mut runner = TestRunner::new(cases());
    let run = runner.run(&one, |bytes| {
        law(&bytes);
        Ok(())
    });
    run.unwrap_or_else(|broken| panic!("{name}: {broken}"));
}

#[test]
fn csv_is_read_as_its_grammar_says() {
    hold("csv", super::csv);
}

fn biased(longest: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just("\""), 4 => Just(","), 2 => Just("\n"), 2 => Just("\r"), 1 => Just("\r\n"),
        2 => Just("a"), 2 => Just("b"), 1 => Just(" "), 1 => Just("\\"), 1 => Just("\t"), 1 => Just(";"), 1 => Just("é"),
        1 => Just("\u{feff}"), 1 => Just("x,y\n"), 1 => Just("\"x\",\"y\"\r\n"),
    ];
    proptest::collection::vec(piece, 0..longest).prop_map(|pieces| pieces.concat())
}

/// Without a fault where quotes enclose cells, and long enough for several strides.
fn good(longest: usize) -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        8 => "[a-z]{0,9}", 2 => "\"[a,\r\n]{0,70}\"",
        2 => prop::sample::select(&["5\" pipe", "\"\"", "\"\"\"a\"\"\"", "a\"\"b\"", "\\\\x\\,"][..])
            .prop_map(str::to_owned),
    ];
    let end = prop_oneof![5 => Just(","), 3 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    let cells = proptest::collection::vec((cell, end), 0..longest);
    cells.prop_map(|cells| {
        cells
            .into_iter()
            .map(|(cell, end)| cell.to_string() + end)
            .collect()
    })
}

proptest! {
    #![proptest_config(cases())]

    /// Texts that are CSV, or nearly so, which damaged bytes seldom are.
    #[test]
    fn csv_is_read_as_its_grammar_says_in_blocks_of_any_size(
        body in prop_oneof![biased(40), biased(8), good(60)],
        size in prop_oneof![2 => 1_u8..24, 1 => Just(0)],
        // Commas part the cells.
        shape in (0_u8..64).prop_map(|shape| 4 * shape),
    ) {
        super::csv(&[&[size, shape][..], body.as_bytes()].concat());
    }
}

#[test]
fn ndjson_is_read_as_serde_json_reads_it() {
    hold("ndjson", super::ndjson);
}

proptest! {
    #![proptest_config(cases())]

    /// Lines that are JSON, or nearly so.
    #[test]
    fn ndjson_is_read_as_serde_json_reads_it_in_blocks_of_any_size(
        pieces in prop::collection::vec(prop_oneof![
            4 => Just(r#"{"a":1,"b":"x"}"#), 3 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\n"),
            1 => Just(" "), 1 => Just("\t"), 1 => Just("{"), 1 => Just("}"), 1 => Just("\"k\""),
            1 => Just(":"), 1 => Just(","), 1 => Just("[1]"), 1 => Just("{\"é\":[{}]}"),
            1 => Just("-0.10"), 1 => Just("{}"),
        ], 0..30),
        size in 1_u8..40,
    ) {
        super::ndjson(&[&[size][..], pieces.concat().as_bytes()].concat());
    }
}

#[test]
fn json_is_read_as_serde_json_reads_it() {
    hold("json", super::json);
}

#[test]
fn a_delimiter_that_is_recognised_splits_the_header() {
    hold("delimiter", super::delimiter);
}

#[test]
fn mapping_files_are_read_or_told() {
    hold("mapping_file", super::mapping_file);
}

#[test]
fn values_say_what_their_cells_say() {
    hold("values", super::values);
}

#[test]
fn journals_are_read_up_to_their_cut() {
    hold("journal", super::journal);
}

#[test]
fn a_wait_that_is_asked_for_is_bounded() {
    hold("retry_after", super::retry_after);
}

#[test]
fn only_what_is_proved_is_a_success() {
    hold("import_answers", super::import_answers);
}

#[test]
fn shown_text_is_harmless() {
    hold("display", super::display);
}

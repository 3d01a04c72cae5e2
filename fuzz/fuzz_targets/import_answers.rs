//! Feeds `qobra_push::fuzzing::import_answers`, where the laws stand.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| qobra_push::fuzzing::import_answers(data));

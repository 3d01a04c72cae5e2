//! Feeds `qobra_push::fuzzing::json`, where the laws stand.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| qobra_push::fuzzing::json(data));

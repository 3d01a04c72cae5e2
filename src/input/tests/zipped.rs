//! Zip archives whose bytes were changed: what they hold, or a refusal, and never something else.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{all, source_of};
use crate::input::limits::Limits;

const TEXT: &str = "id,name\n1,Ann\n2,Bob\n2,Bob\n2,Bob\n";

fn archive(method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    zip.start_file("deals.csv", options).unwrap();
    zip.write_all(TEXT.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_changed_archive_holds_what_it_held_or_is_refused() {
    let plain = source_of("x.csv", TEXT.as_bytes(), Limits::default()).unwrap();
    let wanted = all(&plain);
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        let whole = archive(method);
        let mut refused = 0;
        let mut look = |bytes: &[u8], at: usize| {
            let read = source_of("deals.zip", bytes, Limits::default()).and_then(|source| {
                source.blocks().collect::<Result<Vec<_>, _>>()?;
                Ok(source)
            });
            match read {
                Ok(source) => assert_eq!(all(&source), wanted, "byte {at}"),
                Err(error) => {
                    assert!(!error.message.is_empty());
                    refused += 1;
                }
            }
        };
        look(&whole, 0);
        for at in 0..whole.len() {
            for change in [0x01, 0x08, 0x55, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                // What begins as no archive is some other file.
                if bytes.starts_with(b"PK") && bytes[2..4] == whole[2..4] {
                    look(&bytes, at);
                }
            }
            look(&whole[..at.max(4)], at);
        }
        assert!(refused > whole.len(), "{refused}");
    }
}

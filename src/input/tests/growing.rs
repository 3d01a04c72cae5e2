//! Pipes: what has arrived can be read before the rest has.

#![cfg(unix)]

use std::fs::File;
use std::io::{PipeReader, Write as _};
use std::os::fd::AsRawFd as _;
use std::sync::mpsc::channel;
use std::thread;

use super::inflate::gzip;
use super::*;

/// The reading end, under a name by which it can be opened.
fn named(reader: &PipeReader) -> InputPath {
    InputPath::File(format!("/dev/fd/{}", reader.as_raw_fd()).into())
}

fn options() -> SourceOptions {
    SourceOptions {
        format: Some(Format::Csv),
        ..SourceOptions::default()
    }
}

#[test]
fn the_first_blocks_of_a_pipe_are_read_before_it_ends() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (go_on, may_go_on) = channel::<()>();
    let first = format!("a,b\n{}", "1,2345\n".repeat(50_000));
    let rest = "6,7890\n".repeat(50_000) + "8,9";
    let whole = format!("{first}{rest}");
    let producer = thread::spawn({
        let first = first.clone();
        move || {
            writer.write_all(first.as_bytes()).unwrap();
            may_go_on.recv().unwrap();
            writer.write_all(rest.as_bytes()).unwrap();
        }
    });
    let source = Source::open_limited(&[named(&reader)], &options(), limits(1_000)).unwrap();
    drop(reader);
    let mut text = source.head(0).unwrap();
    let mut blocks = source.blocks();
    while text.len() + 2_000 < first.len() {
        text.extend(blocks.next().unwrap().unwrap().bytes);
    }
    assert_eq!((source.total_bytes(), source.unended()), (None, vec![]));
    go_on.send(()).unwrap();
    for block in blocks {
        text.extend(block.unwrap().bytes);
    }
    producer.join().unwrap();
    assert!(text == whole.as_bytes());
    assert_eq!(source.total_bytes(), Some(whole.len() as u64));
    assert_eq!(source.unended(), [source.names().name(0)]);
}

#[test]
fn a_source_goes_while_its_pipe_is_stuck() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let content = format!("a,b\n{}", "1,2\n".repeat(30_000));
    let producer = thread::spawn(move || {
        writer.write_all(content.as_bytes()).unwrap();
        writer
    });
    let source = Source::open_limited(&[named(&reader)], &options(), limits(1_000)).unwrap();
    let writer = producer.join().unwrap();
    assert!(source.blocks().next().is_some());
    drop(source);
    drop(writer);
}

#[test]
fn a_compressed_pipe_is_inflated_and_kept() {
    let folder = Folder::new();
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&gzip(b"a,b\n1,2\n3,4")).unwrap();
    drop(writer);
    let options = SourceOptions {
        keep: Some(folder.path("")),
        ..options()
    };
    let source = Source::open(&[named(&reader)], &options).unwrap();
    assert_eq!(all(&source).len(), 2);
    assert_eq!(source.kept(0), Some(folder.path("input-0").as_path()));
    assert_eq!(source.unended(), [source.names().name(0)]);
    source.sync_kept().unwrap();
    let kept = std::fs::read(folder.path("input-0")).unwrap();
    assert_eq!(kept, b"a,b\n1,2\n3,4");
    // A name that is taken is never written over.
    File::create(folder.path("input-0")).unwrap();
    let error = Source::open(&[InputPath::File("/dev/null".into())], &options).unwrap_err();
    assert_eq!(
        folder.bare(&error.message),
        "/dev/null cannot be copied to `input-0`: File exists (os error 17)"
    );
}

#[test]
fn a_kept_copy_is_taken_as_it_stands() {
    let folder = Folder::new();
    let path = folder.file("input-0", "_*M\u{18};b\n1;2\n");
    let options = SourceOptions {
        encoding: Some(crate::input::encoding::Encoding::named("utf-16le").unwrap()),
        delimiter: Some(b','),
        proved: Some(vec![crate::input::options::ProvedInput {
            encoding: None,
            member: None,
            positions: None,
            sheet: None,
            delimiter: Some(b';'),
        }]),
        ..options()
    };
    let source = Source::open(&[path], &options).unwrap();
    assert_eq!((source.delimiter(), source.kept(0)), (Some(b';'), None));
    assert_eq!(all(&source)[0].2, Ok(vec!["1".to_owned(), "2".to_owned()]));
}

/// A program that deals its lines out to two pipes stops as soon as nobody reads one of them.
#[test]
fn pipes_of_one_producer_do_not_block_one_another() {
    let (first, mut to_first) = std::io::pipe().unwrap();
    let (second, mut to_second) = std::io::pipe().unwrap();
    let line = format!("{},2\n", "1".repeat(997));
    let producer = thread::spawn({
        let line = line.clone();
        move || {
            for pipe in [&mut to_first, &mut to_second] {
                pipe.write_all(b"a,b\n").unwrap();
            }
            for _ in 0..2_000 {
                to_second.write_all(line.as_bytes()).unwrap();
                to_first.write_all(line.as_bytes()).unwrap();
            }
        }
    });
    let limits = Limits {
        ahead_bytes: 10_000,
        ..limits(1_000)
    };
    let source =
        Source::open_limited(&[named(&first), named(&second)], &options(), limits).unwrap();
    drop((first, second));
    let bytes: usize = (source.blocks().map(|block| block.unwrap().bytes.len())).sum();
    producer.join().unwrap();
    assert_eq!(bytes, 2 * 2_000 * line.len());
}

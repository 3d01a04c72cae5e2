//! A file that was written, read back, damaged and cut.

use std::fs;

use super::*;

fn some(count: usize) -> Vec<Record> {
    let records = (0..count).map(|n| {
        let amount = (n * 7 % 50).to_string();
        let fields = [("amount", &*amount), ("owner", ""), ("day", "20454")];
        record(&format!("D-{n:05}"), &fields[..n % 4])
    });
    records.collect()
}

const NAMES: [&str; 3] = ["amount", "owner", "day"];

#[test]
fn what_was_collected_is_read_back() {
    let folder = folder();
    let path = folder.path().join("base-new");
    for count in [0, 1, 2, 3_000] {
        let records = some(count);
        let mut file = collect(&path, &records, about(1, &NAMES, Some("day")));
        assert_eq!(file.meta().records, count as u64);
        assert_eq!(file.meta().last_record, count as u64);
        let found = contents(&mut file);
        assert_eq!(found.len(), count);
        for (number, record) in (1..).zip(&records) {
            let (id, digest_of, fields, day) = &found[&number];
            let expected = NAMES.map(|name| record.fields.get(name).map_or(0, |v| digest(v)));
            assert_eq!((id, &fields[..]), (&record.id, &expected[..]));
            let all = format!("{:?}", record.fields);
            assert_eq!(
                *digest_of,
                xxh3_64_with_seed(all.as_bytes(), 2) & 0xFFFF_FFFF_FFFF
            );
            assert_eq!(*day, record.fields.contains_key("day").then_some(20454));
        }
        let filled = |name| {
            records
                .iter()
                .filter(|r| r.fields.contains_key(name))
                .count() as u64
        };
        let expected = [
            ("amount", filled("amount")),
            ("owner", 0),
            ("day", filled("day")),
        ];
        let expected = expected.map(|(name, count)| (name.to_owned(), count));
        assert_eq!(file.meta().fields, expected);
    }
}

#[test]
fn ids_and_days_of_all_lengths_come_back() {
    let folder = folder();
    let mut records = vec![
        record("", &[("day", "-719000")]),
        record(&"x".repeat(100_000), &[("day", "2147483647")]),
        record("\u{e9}", &[("day", "-2147483648")]),
    ];
    records.extend((0..500).map(|n| record(&"y".repeat(n), &[])));
    let names: Vec<_> = (0..500).map(|n| format!("field {n}")).collect();
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    names.insert(0, "day");
    let mut file = collect(
        &folder.path().join("f"),
        &records,
        about(1, &names, Some("day")),
    );
    for ((id, .., day), record) in contents(&mut file).into_values().zip(&records) {
        assert_eq!(id, record.id);
        let expected = record.fields.get("day").map(|day| day.parse().unwrap());
        assert_eq!(day, expected, "{}", id.len());
    }
}

#[test]
fn a_list_of_fields_may_grow() {
    let folder = folder();
    let path = folder.path().join("f");
    let mut writer = BaseWriter::create(&path, false).unwrap();
    for (record, fields) in (1..).zip([&[9][..], &[9, 8, 7], &[], &[5, 4]]) {
        let fingerprint = Fingerprint {
            record,
            id: b"same partition",
            id_hash: 0,
            digest: 1,
            fields,
            day: None,
        };
        writer.add(&fingerprint).unwrap();
    }
    let about = about(1, &["a", "b", "c", "d"], None);
    let mut file = finish(writer, about, &key(), &RecordSet::default()).unwrap();
    let fields: Vec<_> = contents(&mut file)
        .into_values()
        .map(|(.., f, _)| f)
        .collect();
    assert_eq!(fields, [[9, 0, 0, 0], [9, 8, 7, 0], [0; 4], [5, 4, 0, 0]]);
    let counts: Vec<_> = file.meta().fields.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [3, 2, 1, 0]);
}

#[test]
fn duplicates_that_are_not_sent_are_not_in_it() {
    let folder = folder();
    let records = some(600);
    let left_out: RecordSet = [1, 77, 600, 4_000].into_iter().collect();
    let path = folder.path().join("base-new");
    let numbered = (1..).zip(&records);
    let mut file = collect_all(&path, numbered, about(1, &NAMES, None), &left_out);
    let found = contents(&mut file);
    assert_eq!((found.len(), file.meta().records), (597, 597));
    assert!(left_out.iter().all(|number| !found.contains_key(&number)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let filled = (1..)
        .zip(&records)
        .filter(|(n, r)| !left_out.contains(*n) && r.fields.contains_key("amount"));
    assert_eq!(file.meta().fields[0].1, filled.count() as u64);
}

#[test]
fn only_its_owner_may_read_it() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder();
        let path = folder.path().join("base-new");
        collect(&path, &some(3), about(1, &NAMES, None));
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }
}

/// Reads all of a file.
fn read(path: &std::path::Path) -> Result<usize, BaseError> {
    let mut file = BaseFile::open(path, &key())?;
    let mut count = 0;
    for at in 0..crate::runs::base::block::PARTITIONS {
        count += file.partition(at)?.entries.len();
    }
    Ok(count)
}

#[test]
fn every_flipped_byte_is_found() {
    let folder = folder();
    let path = folder.path().join("f");
    collect(&path, &some(12), about(1, &NAMES, Some("day")));
    let whole = fs::read(&path).unwrap();
    assert_eq!(read(&path).unwrap(), 12);
    for at in 0..whole.len() {
        for mask in [1, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= mask;
            fs::write(&path, &bytes).unwrap();
            let error = read(&path).unwrap_err();
            assert!(matches!(error, BaseError::Damaged(_)), "byte {at}: {error}");
        }
    }
}

#[test]
fn a_file_cut_or_grown_anywhere_is_found() {
    let folder = folder();
    let path = folder.path().join("f");
    collect(&path, &some(20), about(1, &NAMES, Some("day")));
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, BaseError::Damaged(_)), "{length}: {error}");
        let mut hole = whole.clone();
        hole.remove(length);
        fs::write(&path, &hole).unwrap();
        read(&path).unwrap_err();
        let mut more = whole.clone();
        more.insert(length, 0);
        fs::write(&path, &more).unwrap();
        read(&path).unwrap_err();
    }
}

/// A file whose description says something else, with everything else as it should be.
fn described(path: &std::path::Path, from: &str, to: &str) {
    collect(path, &some(3), about(1, &NAMES, None));
    let bytes = fs::read(path).unwrap();
    let tail = bytes.len() - 24;
    let length = u64::from_le_bytes(bytes[tail + 8..tail + 16].try_into().unwrap()) as usize;
    let (blocks, footer) = bytes[..tail].split_at(tail - length);
    let json = u32::from_le_bytes(footer[length - 4..].try_into().unwrap()) as usize;
    let text = String::from_utf8(footer[..json].to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    let text = text.replace(from, to);
    let mut new = text.clone().into_bytes();
    new.extend_from_slice(&footer[json..length - 4]);
    new.extend_from_slice(&(text.len() as u32).to_le_bytes());
    let hash = xxhash_rust::xxh3::xxh3_64(&new);
    let length = new.len() as u64;
    let parts = [
        blocks,
        &new,
        &hash.to_le_bytes(),
        &length.to_le_bytes(),
        &bytes[..8],
    ];
    fs::write(path, parts.concat()).unwrap();
}

#[test]
fn what_another_version_wrote_or_another_key_is_told() {
    let folder = folder();
    let path = folder.path().join("f");
    let told = |from, to| {
        described(&path, from, to);
        read(&path).unwrap_err().to_string()
    };
    assert_eq!(
        told("\"schema\":2", "\"schema\":1,\"other\":[]"),
        "another version of qobra-push wrote it (schema 1)"
    );
    assert_eq!(
        told("\"records\":3", "\"records\":4"),
        "it is damaged: it has other records than it says"
    );
    assert_eq!(
        told("\"records\":", "\"recorded\":"),
        "it is damaged: what it says of itself cannot be read"
    );
    assert_eq!(
        told("[\"amount\",", "[\"amount\",\"\","),
        "it is damaged: what it says of itself cannot be read"
    );
    collect(&path, &some(3), about(1, &NAMES, None));
    let other = FingerprintKey::new([8; 32]);
    assert_eq!(
        BaseFile::open(&path, &other).unwrap_err().to_string(),
        "it was made with another base.key than the state folder has now"
    );
}

#[test]
fn a_block_of_nonsense_is_no_panic() {
    use crate::runs::base::partition::Partition;
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..20_000 {
        let mut bytes: Vec<u8> = (0..random.usize(0..40)).map(|_| random.u8(..)).collect();
        if let Some(width) = bytes.first_mut() {
            *width = random.choice([2, 4, 4, 7]).unwrap();
        }
        if let Some(fields) = bytes.get_mut(1) {
            *fields = random.u8(0..4);
        }
        for byte in bytes.iter_mut().skip(2) {
            *byte >>= random.u32(0..8);
        }
        let _ = Partition::new(random.bool()).add(&bytes, 2);
    }
}

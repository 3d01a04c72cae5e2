//! A header that comes again among the records.

use super::*;

/// The lines of the records that are taken for one, and how many are not.
fn repeats(source: &Source) -> (Vec<u64>, usize) {
    let (mut lines, mut others) = (Vec::new(), 0);
    for (_, line, cells) in all(source) {
        match cells {
            Err(fault) => {
                assert_eq!(
                    fault,
                    "repeats the header (were two files joined into one?)"
                );
                lines.push(line);
            }
            Ok(_) => others += 1,
        }
    }
    (lines, others)
}

fn of(content: &str) -> (Vec<u64>, usize) {
    repeats(&source_with(content, &SourceOptions::default(), 1 << 18))
}

#[test]
fn it_is_known_however_it_is_written() {
    for again in [
        "id,a \"b\"",
        "id,\"a \"\"b\"\"\"",
        "\"id\",\"a \"\"b\"\"\"",
        "\u{feff}id,a \"b\"",
        "\u{feff}\"id\",\"a \"\"b\"\"\"",
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let content = ["id,\"a \"\"b\"\"\"", "1,x", again, "2,y", again].join(end);
            assert_eq!(of(&content), (vec![3, 5], 2), "{content:?}");
            assert_eq!(of(&format!("\u{feff}{content}{end}")), (vec![3, 5], 2));
        }
    }
    // A byte order mark may stand before a quoted name that holds one.
    let content = "\"a \"\"b\"\"\",c\n\u{feff}\"a \"\"b\"\"\",c\n1,2\n";
    assert_eq!(of(content), (vec![2], 1));
}

#[test]
fn a_value_that_is_a_columns_name_is_none() {
    for content in [
        "id,name\nid,x\n1,name\n",
        "id,name\nname,id\n",
        "id,name\nID,Name\n id,name\n",
        "id,name\nid,\u{feff}name\n",
        "id,name\n\u{feff}\u{feff}id,name\n",
    ] {
        assert_eq!(of(content).0, [0; 0], "{content:?}");
    }
    // In a single column it is one.
    assert_eq!(of("id\n1\nid\n2\n"), (vec![3], 2));
}

#[test]
fn each_file_has_its_own() {
    let folder = Folder::new();
    let paths = [
        folder.file("a.csv", "id,name\n1,x\nid,name\n"),
        folder.file("b.csv", "name,id\ny,2\nname,id\n3,z\n"),
    ];
    let source = Source::open(&paths, &SourceOptions::default()).unwrap();
    assert_eq!(repeats(&source), (vec![3, 3], 3));
}

#[test]
fn a_rejects_file_that_holds_one_holds_it_again() {
    let content = "id,name,reject_file,reject_line,reject_column,reject_reason\n\
                   id,name,a.csv,3,,repeats\n1,x,a.csv,4,,why\n";
    assert_eq!(of(content), (vec![2], 1));
    // A file of nothing else has no names that could come again.
    let content = "reject_file,reject_line,reject_column,reject_reason\na.csv,3,,repeats\n";
    assert_eq!(of(content), (vec![], 1));
}

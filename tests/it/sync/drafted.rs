//! `init --project` drafts what `sync --dry-run` takes as it is.

use insta::assert_snapshot;

use super::tables::{UNTOUCHED, held, service};
use crate::rig::{ends, said};
use crate::stage::{Stage, deals};

fn stage() -> Stage {
    Stage::of(service())
        .never_used()
        .file("deals.csv", deals(3))
        .file("owners.csv", deals(2))
}

#[test]
fn a_project_is_drafted_with_its_mappings() {
    let stage = stage();
    let line = "init --project deals.csv owners.csv -o qobra-push.toml";
    let told = said(&stage, line, 0);
    let project = std::fs::read_to_string(stage.folder().path().join("qobra-push.toml")).unwrap();
    assert_snapshot!(told + &project);
    ends(&stage, "sync --dry-run", 0);
    // Nothing is overwritten, and that is found before anything is made.
    assert_snapshot!(said(&stage, line, 2));
    assert_eq!(held(&stage), UNTOUCHED);
}

/// A file that cannot be read as it is stands in nobody's way, and its push says what to do.
#[test]
fn files_of_different_encodings_are_drafted_as_far_as_they_can_be() {
    let stage = stage();
    // The second byte is none of windows-1252, which would be taken for likely.
    let dos = [b"id,name\n1,Chlo".as_slice(), &[0xe9, 0x81], b"\n"].concat();
    std::fs::write(stage.folder().path().join("dos.csv"), dos).unwrap();
    let line = "init --project deals.csv dos.csv -o qobra-push.toml";
    let told = said(&stage, line, 0);
    let path = stage.folder().path().join("qobra-push.toml");
    let project = std::fs::read_to_string(&path).unwrap();
    assert_snapshot!(told + &project);
    ends(&stage, "init dos.csv --encoding ibm866 -o dos.toml", 0);
    let whole = project.replace("# mapping = \"dos", "mapping = \"dos");
    std::fs::write(&path, whole).unwrap();
    ends(&stage, "sync --dry-run", 0);
    // Where none can be read, nothing is made.
    assert_snapshot!(said(&stage, "init --project dos.csv -o other.toml", 3));
}

#[test]
fn without_a_place_it_is_printed_and_usable_too() {
    let stage = stage();
    let told = ends(&stage, "init --project deals.csv owners.csv", 0);
    assert_snapshot!(stage.tidy(&told));
    stage.folder().write("qobra-push.toml", &told.stdout);
    ends(&stage, "sync --dry-run", 0);
}

#[test]
fn a_mapping_is_written_where_it_is_to_be() {
    let stage = stage();
    let printed = ends(&stage, "init deals.csv", 0).stdout;
    let told = ends(&stage, "init deals.csv -o m.toml", 0);
    assert_eq!(told.stdout, "");
    let written = std::fs::read_to_string(stage.folder().path().join("m.toml")).unwrap();
    assert_eq!(written, printed);
    let again = said(&stage, "init deals.csv -o m.toml", 2);
    assert_snapshot!(again + &said(&stage, "init deals.csv owners.csv", 2));
}

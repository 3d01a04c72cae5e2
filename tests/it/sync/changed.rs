//! What the options of a push do in a sync: each table by itself, compared with its own base.

use qobra_push::{SandboxClock, SandboxOptions};

use super::tables::{filled, held, sent, service};
use crate::rig::ends;
use crate::stage::{Stage, deals};

#[test]
fn each_table_sends_what_differs_from_its_own_base() {
    let stage = filled(Stage::of(SandboxOptions {
        clock: SandboxClock::real(),
        ..service()
    }));
    let line = "sync --debounce 1 --wait --changed --keep 2";
    ends(&stage, line, 0);
    assert_eq!(held(&stage), [2, 4, 3]);
    assert_eq!(sent(&stage), ["owners", "deals", "quotas"]);
    // One deal differs and one is new; owners and quotas are as they were, which is a good end for what comes after.
    stage
        .folder()
        .write("deals-2.csv", "id,name,amount\n3,C,1\n4,D,9\n5,E,1\n");
    let told = ends(&stage, line, 0);
    assert_eq!(sent(&stage)[3..], ["deals"], "{told}");
    let records = stage.running.sandbox.table("deals").unwrap().records;
    let fourth = records.iter().find(|(id, _)| id == "4").unwrap();
    assert_eq!(fourth.1, r#"{"amount":"9","id":"4","name":"D"}"#, "{told}");
    assert_eq!(held(&stage), [2, 5, 3]);
    // A record that vanished needs the whole table, of that table alone.
    stage.folder().write("quotas.csv", deals(2));
    ends(&stage, line, 0);
    assert_eq!(sent(&stage)[4..], ["quotas"]);
    assert_eq!(held(&stage), [2, 5, 2]);
}

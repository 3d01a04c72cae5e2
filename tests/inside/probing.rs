//! The experiments of the probe, each on a modelled service that is set up in some way: what is reported is
//! what was set, or not settled.

mod lab;

use lab::Trial;

use crate::service::facts::{Facts, Given, Repeated};
use crate::service::sandbox::{ImportIds, SandboxOptions, WindowReading};

#[test]
fn the_model_as_it_is() {
    let trial = Trial::of(SandboxOptions::default());
    let expected = Facts {
        window: Some(WindowReading::First),
        import_ids: Some(ImportIds::Stacked),
        import_ids_without_debounce: Some(ImportIds::Separate),
        repeated: Some(Repeated::Once),
        at_once: Some(4),
        import_seen_after: Some(0),
        count: Some(Given::Given),
        ..trial.facts.clone()
    };
    assert_eq!(trial.facts, expected);
    insta::assert_snapshot!("the_model_as_it_is", trial.text);
    let ids = trial.held.iter().map(|(id, _)| id);
    assert!(ids.clone().count() > 10 && ids.clone().all(|id| id.starts_with("qobra-push-probe-")));
}

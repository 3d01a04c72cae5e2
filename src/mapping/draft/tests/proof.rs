//! What becomes of proposals that a sampled record does not go through with.

use super::super::amounts::Amounts;
use super::super::fields::Fields;
use super::super::kinds::DraftType;
use super::super::write::{self, Frame};
use super::super::{check, sample};
use super::{options, source};
use crate::mapping::value::kind::FieldType;

#[test]
fn a_wrong_proposal_is_taken_back_step_by_step() {
    let source = source("deals.csv", b"id,name,code\n1,A,x\n2,B,7\n3,C,y\n");
    let sample = sample::read(&source, None).unwrap();
    let mut fields = Fields::new(&sample, &[]);
    fields.list[2].kind = DraftType::Number(FieldType::Integer, u8::MAX, Amounts::default());
    let options = options();
    let frame = Frame {
        sample: &sample,
        options: &options,
        input: "deals.csv",
        notes: &[],
        delimiter: Some(b','),
        escape: None,
    };
    let last_lines = |fields: &Fields| -> String {
        let text = write::text(fields, &frame);
        text[text.find("[fields]").unwrap()..].to_owned()
    };
    let faults = |fields: &Fields, has_id| -> Vec<(String, String)> {
        let text = write::text(fields, &frame);
        let faults = check::faults(&text, has_id, &source, None).unwrap();
        faults.into_iter().collect()
    };
    let fault = (
        "code".to_owned(),
        "column code: `x` is not a number".to_owned(),
    );
    let found = vec![fault.clone()];
    assert_eq!(faults(&fields, true), found);
    // It shows without an id too, whose lack is nobody's fault.
    assert_eq!(faults(&fields, false), found);

    fields.demote(&fault.0, &fault.1);
    assert_eq!(faults(&fields, true), []);
    assert_eq!(
        last_lines(&fields),
        "[fields]\n\
         id   = \"id\"  # e.g. \"1\"\n\
         name = \"name\"  # e.g. \"A\"\n\
         # No type, because of column code: `x` is not a number.\n\
         code = \"code\"  # e.g. \"x\"\n"
    );
    fields.demote(&fault.0, &fault.1);
    assert_eq!(
        last_lines(&fields).lines().last(),
        Some("# code = \"code\"  # column code: `x` is not a number")
    );
    // An id that cannot be sent is none.
    fields.demote("id", "column id is odd");
    assert_eq!(fields.id.column, None);
    assert_eq!(
        fields.id.remark.as_deref(),
        Some("No column is fit to be the id: column id is odd.")
    );
}

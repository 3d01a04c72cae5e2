//! What a dry run found, for its receipt.

use serde::Deserialize;
use serde_json::value::RawValue;

use anyhow::Context as _;

use crate::input::Source;
use crate::mapping::{Binding, FieldType, Peeked};
use crate::prove::Proof;
use crate::prove::chunk::{BodyBuilder, MappedInput};
use crate::push::approved::Terms;
use crate::push::guard::WindowPlan;
use crate::push::outcome::{Exit, Failure};
use crate::push::receipt::{ColumnReceipt, DryRunReceipt, WindowPlanReceipt};
use crate::service::window;

/// How many records are shown as JSON.
const SHOWN: usize = 3;

/// In how many records a value of each column is looked for.
const PEEKED: usize = 10_000;

/// What would be sent, without the records.
pub(crate) fn of(
    source: &Source,
    binding: &Binding,
    proof: &Proof,
    window: Option<WindowPlan>,
    plan: Terms,
) -> Result<DryRunReceipt, Failure> {
    let wrapping = source.wrapping(0);
    // A sheet's text is not the user's.
    let quoting = source.delimiter().filter(|_| source.sheet(0).is_none());
    let quoting = quoting.map(|_| source.quoting());
    Ok(DryRunReceipt {
        format: source.format().word(),
        delimiter: (source.common_delimiter()).map(|byte| char::from(byte).to_string()),
        quote: quoting.map(|quoting| if quoting.has_quotes { "\"" } else { "none" }),
        escape: quoting.and_then(|quoting| Some(char::from(quoting.escape?).to_string())),
        encoding: wrapping.encoding.name().to_ascii_lowercase(),
        compression: wrapping.compression,
        member: wrapping.member.map(|member| member.name),
        sheet: source.sheet(0).map(str::to_owned),
        records_at: source.records_at().map(str::to_owned),
        header_line: source.margins().header_line,
        skip_last: Some(source.margins().skip_last).filter(|count| *count > 0),
        columns: columns(source, binding)?,
        records: proof.records(),
        chunks: proof.chunks.len() as u64,
        bytes: proof.chunks.iter().map(|chunk| chunk.body_bytes).sum(),
        window: window.map(window_plan),
        refusal: None,
        first_records: Vec::new(),
        plan,
    })
}

/// Each column with the first value that it has.
fn columns(source: &Source, binding: &Binding) -> Result<Vec<ColumnReceipt>, Failure> {
    let mut peek = binding.peek(source.columns());
    let (mut parser, mut left) = (source.parser(), PEEKED);
    for block in source.blocks() {
        let block = block.map_err(|error| changed(error.message))?;
        let rows = parser.rows(source, &block);
        let mut rows = rows.map_err(|error| changed(error.message))?;
        while let Some(row) = rows.next().filter(|_| left > 0) {
            left -= 1;
            // Bad records were told of when the input was proved.
            if let Ok(cells) = &row.cells {
                peek.look(cells);
            }
        }
        if left == 0 || peek.is_complete() {
            break;
        }
    }
    Ok(peek.finish().into_iter().map(column).collect())
}

fn column(peeked: Peeked) -> ColumnReceipt {
    ColumnReceipt {
        column: peeked.column,
        key: peeked.key,
        kind: peeked.kind.map(FieldType::word),
        constant: peeked
            .constant
            .and_then(|json| RawValue::from_string(json).ok()),
        sample: peeked.sample,
        sent: peeked.sent,
    }
}

fn window_plan(plan: WindowPlan) -> WindowPlanReceipt {
    WindowPlanReceipt {
        debounce_seconds: plan.debounce.as_secs_f64(),
        margin_seconds: window::margin(plan.debounce).as_secs_f64(),
        chunk_seconds: plan.chunk_time.as_secs_f64(),
        expected_seconds: plan.expected.as_secs_f64(),
        fits: plan.fits(),
    }
}

/// The first records of the bodies that a push would send.
pub(crate) fn first_records(
    source: &Source,
    binding: &Binding,
    proof: &Proof,
) -> Result<Vec<Box<RawValue>>, Failure> {
    let mapped = MappedInput {
        source,
        binding,
        left_out: &proof.left_out,
    };
    let (mut builder, mut records) = (BodyBuilder::default(), Vec::new());
    for plan in &proof.chunks {
        let built = builder.build(mapped, plan, plan.range, Vec::new());
        let built = built.map_err(|error| changed(error.to_string()))?;
        let body: Body<'_> = serde_json::from_slice(&built.body).context("a body is no JSON")?;
        let wanted = SHOWN - records.len();
        records.extend(body.items.into_iter().take(wanted).map(ToOwned::to_owned));
        if records.len() == SHOWN {
            break;
        }
    }
    Ok(records)
}

/// The body of a request.
#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    items: Vec<&'b RawValue>,
}

/// The input was proved, and is not any more what it was then.
fn changed(message: String) -> Failure {
    Failure::new(Exit::Input, message, None)
}

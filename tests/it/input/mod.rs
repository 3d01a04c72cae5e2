//! What is read: every format and encoding, exactly or not at all.

/// Compressed inputs, other encodings, pipes.
mod intake;
/// Pipes, standard input and named ones.
mod pipes;
/// Encodings that were named wrongly: nothing garbled is sent.
mod encodings;
/// `[input]` `escape` and `quote`.
mod escapes;
/// Every character arrives as it was written.
mod exact;
/// Percent columns have the sign in all of their cells or in none.
mod percent;
/// A header that comes again, and lines that may be records inside of a cell.
mod joined;
/// Quotes in CSV: read strictly.
mod quotes;
/// Zip archives: the one data file in them, or the one that was named.
mod archives;
/// How an input is written: recognised from its name and content, or refused in one clear line.
mod recognise;
/// JSON that is not NDJSON: arrays, `items`, objects one behind the other.
mod json_inputs;
/// Mappings as people save them, and what they make of the cells of the cases.
mod mappings;
/// Titles, footers, and the line that names the delimiter.
mod margins;
/// Tables that spreadsheets left ragged.
mod ragged;
/// JSON documents that are wrapped around their records: never sent as one record.
mod envelopes;
/// Workbooks as inputs: which sheet is read, what the table gets, which row is to blame.
mod spreadsheets;
/// Cells of a sheet are what they show; one mapping serves a sheet and its CSV twin.
mod sheet_cells;
/// Inputs and mappings that are refused, and nothing is sent.
mod refused_inputs;
/// Made-up files in the shapes that people have, drafted and pushed.
mod shapes;

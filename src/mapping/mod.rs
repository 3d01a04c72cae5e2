//! The mapping: which column becomes which field of the table, and how its cells are written.
//!
//! [`Mapping::parse`] reads the file, [`Mapping::bind`] resolves it once against the columns of the
//! input, and [`Binding::write`] turns one record's cells into one JSON object, digit for digit,
//! without a tree in between. Reading the input and packing the objects are left to others.

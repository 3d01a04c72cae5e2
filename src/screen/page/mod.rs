//! A run as one HTML page: for people who read, print and file it, with nothing outside of the file.
//!
//! A page is made of a receipt as it is published, so that it says nothing that the receipt does not, and of
//! the journal's times for its picture.

mod facts;
mod figures;
mod picture;
mod requests;
mod run;
mod words;

pub(crate) use self::requests::Requests;
pub(crate) use self::run::{Page, Samples, Value};

#[cfg(test)]
mod tests;

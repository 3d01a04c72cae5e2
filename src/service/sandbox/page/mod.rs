//! The sandbox in a browser: what it holds and was sent, at `/`.
//!
//! The page is cut into parts. A browser without scripts gets all of them with the page; the page's script asks
//! for them again every second and puts those in place that have changed. So there is one way from the state to
//! HTML, through templates that escape; no text of a request's is ever put together with markup elsewhere.

mod ask;
mod facts;
mod rows;
mod html;
mod routes;

pub(super) use self::routes::routes;

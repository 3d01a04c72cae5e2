//! Both pages in a real browser.

/// What is wrong with a page is told.
mod broken;
/// The browser.
mod chromium;
/// The page of a run.
mod run;
/// The sandbox's page.
mod sandbox;
/// Pages of others in the same browser.
mod strangers;
/// One tab of the browser.
mod tab;

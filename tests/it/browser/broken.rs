//! What the other tests rely on: whatever is wrong with a page is told.

use super::chromium::Browser;
use super::tab::Tab;
use crate::rig::until;
use crate::support::Folder;

/// No doctype, and one thing of each kind that is wrong.
const PAGE: &str = "
<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\">
<title>A page in which all is wrong</title>
<p style='color: red'>styled</p>
<img src=http://nowhere.invalid/x.png>
<script>console.warn('a warning'); console.error('an error')</script>
<script>throw new Error('thrown')</script>
";

#[test]
fn whatever_is_wrong_with_a_page_is_told() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::new().with("page.html", PAGE);
    let url = url::Url::from_file_path(folder.path().join("page.html")).unwrap();
    let tab = Tab::open(&browser);
    tab.go(url.as_str());
    assert_eq!(tab.asked(), [url.as_str(), "http://nowhere.invalid/x.png"]);
    let complaints = tab.complaints();
    for wrong in [
        "Applying inline style violates",
        "ERR_NAME_NOT_RESOLVED",
        "a warning",
        "an error",
        "Uncaught Error: thrown",
        "ContentSecurityPolicyIssue",
        "QuirksModeIssue",
    ] {
        let is_it = |told: &&serde_json::Value| told.to_string().contains(wrong);
        let told = complaints.iter().filter(is_it).count();
        assert_eq!(told, 1, "{wrong}: {complaints:#?}");
    }
    assert_eq!(complaints.len(), 7, "{complaints:#?}");
    assert_eq!(tab.complaints(), [] as [serde_json::Value; 0]);

    tab.eval("void setTimeout(() => alert('a dialog'))");
    until(|| tab.try_eval("0").is_err().then_some(()));
    let dialog = tab.try_eval("0").unwrap_err();
    assert!(dialog.contains("a dialog"), "{dialog}");
}

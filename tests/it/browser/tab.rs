//! One tab of the browser: where it goes, what it shows, what was wrong with it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::chromium::Browser;
use crate::rig::until;
use crate::support::skip;

/// The checker of contrast, labels and roles, which `.ci/run` puts into the target folder.
const AXE: &str = "axe-core-4.14.1";

/// A tab, in which everything that goes wrong is remembered.
pub struct Tab<'b> {
    browser: &'b Browser,
}

impl<'b> Tab<'b> {
    /// In the place of the one before.
    pub fn open(browser: &'b Browser) -> Self {
        let tab = browser.wait(browser.client.new_window(true)).unwrap();
        browser.wait(browser.client.close_window()).unwrap();
        let go = browser.client.switch_to_window(tab.handle);
        browser.wait(go).unwrap();
        for log in ["browser", "driver", "performance"] {
            browser.log(log);
        }
        let tab = Self { browser };
        tab.call("Audits.enable", json!({}));
        tab.size(1280, 800);
        tab
    }

    fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.browser.call(method, &params);
        answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// Opens an address and waits until it is there.
    pub fn go(&self, url: &str) {
        let gone = self.browser.wait(self.browser.client.goto(url));
        gone.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// What a script comes to; `Err` where it throws, or where the page is just going.
    pub fn try_eval(&self, script: &str) -> Result<Value, String> {
        let params = json!({
            "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true
        });
        let mut answer = self.browser.call("Runtime.evaluate", &params)?;
        match answer["exceptionDetails"].take() {
            Value::Null => Ok(answer["result"]["value"].take()),
            thrown => Err(thrown.to_string()),
        }
    }

    pub fn eval(&self, script: &str) -> Value {
        (self.try_eval(script)).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text that is seen of an element; of hidden ones none.
    pub fn text(&self, selector: &str) -> String {
        let script = format!(
            "document.querySelector({}).innerText",
            Value::from(selector)
        );
        self.eval(&script).as_str().unwrap().to_owned()
    }

    /// Waits until a script comes to something that is true.
    pub fn until(&self, script: &str) {
        let is_true = format!("Boolean({script})");
        until(|| (self.try_eval(&is_true) == Ok(Value::Bool(true))).then_some(()));
    }

    /// Clicks an element.
    pub fn click(&self, selector: &str) {
        self.eval(&format!(
            "document.querySelector({}).click()",
            Value::from(selector)
        ));
    }

    /// How large the window is, in CSS pixels.
    pub fn size(&self, width: u32, height: u32) {
        let is_phone = width < 500;
        let size = json!({
            "width": width, "height": height, "mobile": is_phone, "deviceScaleFactor": if is_phone { 2 } else { 1 }
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// `screen` or `print`, and `light` or `dark`.
    pub fn medium(&self, medium: &str, scheme: &str) {
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "media": medium, "features": scheme }),
        );
    }

    /// The addresses that were asked for since this was last asked.
    pub fn asked(&self) -> Vec<String> {
        let events = self.browser.log("performance").into_iter();
        let events = events.map(|entry| {
            let told: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            told["message"].clone()
        });
        events
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .map(|event| {
                event["params"]["request"]["url"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    /// Everything that a developer would see in red or yellow since this was last asked.
    pub fn complaints(&self) -> Vec<Value> {
        // A dialog would answer this with an error.
        self.eval("0");
        let mut found = self.browser.log("browser");
        found.retain(|said| ["WARNING", "SEVERE"].contains(&said["level"].as_str().unwrap()));
        let is_issue = |told: &Value| {
            told["message"]
                .as_str()
                .unwrap()
                .contains("Event: Audits.issueAdded")
        };
        found.extend(self.browser.log("driver").into_iter().filter(is_issue));
        found
    }

    /// Keeps a picture of the whole page in the target folder, to be looked at.
    pub fn screenshot(&self, name: &str) {
        let metrics = self.call("Page.getLayoutMetrics", json!({}));
        let size = &metrics["cssContentSize"];
        let clip =
            json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let shot = self.call(
            "Page.captureScreenshot",
            json!({ "captureBeyondViewport": true, "clip": clip }),
        );
        let png = BASE64_STANDARD.decode(shot["data"].as_str().unwrap());
        let folder = target().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png.unwrap()).unwrap();
    }

    /// No element that cannot be read, reached or named; nothing at all is looked at where axe is missing.
    pub fn is_accessible(&self, of: &str) {
        let Ok(axe) = std::fs::read_to_string(target().join(format!("{AXE}.js"))) else {
            return skip(AXE);
        };
        self.eval(&format!("{axe}\n;0"));
        let found = self.eval(
            "axe.run(document, { preload: false }).then(found => found.violations
             .map(of => [of.id, of.help, ...of.nodes.map(node => node.html + ' ' + node.any.map(any => any.message))]))",
        );
        assert_eq!(found, json!([]), "{of}: {found:#}");
    }

    /// A phone shows all of it without being moved to the side.
    pub fn fits(&self, of: &str) {
        // Not `innerWidth`, which grows with what does not fit.
        let wide = self.eval(
            "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.scrollingElement)",
        );
        assert!(
            wide[0].as_u64().unwrap() <= wide[1].as_u64().unwrap(),
            "{of}: {wide}"
        );
    }
}

/// Where builds go.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap().to_owned()
}

//! The page in the browser: opens it, lets it run guests, and opens another where it crashed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::devtools::{Problem, is_answer};
use runner_shared::failure::Failure;

/// For what takes no longer than a moment.
const SHORT: Duration = Duration::from_secs(60);

/// A page that can run guests.
pub struct Page {
    target: String,
    session: String,
}

impl Page {
    /// Opens one and loads the harness.
    pub fn open(browser: &mut Browser, address: &str) -> Result<Self, Failure> {
        Self::try_open(browser, address).map_err(|problem| browser.failed("does not open its page", &problem))
    }

    fn try_open(browser: &mut Browser, address: &str) -> Result<Self, Problem> {
        let devtools = &mut browser.devtools;
        let word = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let target = devtools.call(None, "Target.createTarget", &json!({ "url": "about:blank" }), SHORT)?;
        let target = word(&target, "targetId");
        let parameters = json!({ "targetId": target, "flatten": true });
        let session = word(&devtools.call(None, "Target.attachToTarget", &parameters, SHORT)?, "sessionId");
        let page = Self { target, session };
        let own = Some(page.session.as_str());
        // Without it, there is no event when a page crashes.
        devtools.call(None, "Target.setDiscoverTargets", &json!({ "discover": true }), SHORT)?;
        devtools.call(own, "Page.enable", &json!({}), SHORT)?;
        devtools.call(own, "Runtime.enable", &json!({}), SHORT)?;
        let loading = devtools.send(own, "Page.navigate", &json!({ "url": address }))?;
        devtools.wait(own, |message| is_answer(message, loading), Some(SHORT), |_| Ok(()))?;
        let loaded =
            |message: &Value| message["method"] == "Page.loadEventFired" && message["sessionId"] == page.session;
        devtools.wait(own, loaded, Some(SHORT), |_| Ok(()))?;
        Ok(page)
    }

    /// Lets the page run a job, and gives what it says of its end. `interrupted` is called for each SIGINT.
    pub fn run(
        &self,
        browser: &mut Browser,
        job: &Value,
        limit: Option<Duration>,
        mut interrupted: impl FnMut() -> Result<(), Problem>,
    ) -> Result<Value, Problem> {
        let session = Some(self.session.as_str());
        let number = browser.devtools.send(session, "Runtime.evaluate", &evaluation(&format!("harness.run({job})")))?;
        let answer = browser.devtools.wait(
            session,
            |message| is_answer(message, number),
            limit,
            |devtools| {
                interrupted()?;
                devtools.send(session, "Runtime.evaluate", &evaluation("harness.interrupt()")).map(|_| ())
            },
        )?;
        match answer["exceptionDetails"]["exception"]["description"].as_str() {
            Some(exception) => Err(Problem::Refused(exception.to_owned())),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Closes it, whatever it does.
    pub fn close(&self, browser: &mut Browser) {
        let _ = browser.devtools.call(None, "Target.closeTarget", &json!({ "targetId": self.target }), SHORT);
    }
}

fn evaluation(expression: &str) -> Value {
    json!({ "expression": expression, "awaitPromise": true, "returnByValue": true })
}

//! Opens a page in the user's own browser.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::App;
use crate::provider::machine;
use crate::sys::{self, Command};

/// Programs that open a URL in the user's browser.
const OPENERS: [&str; 3] = ["xdg-open", "open", "wslview"];

/// What such a program needs of the environment to find the user's desktop.
const DESKTOP: [&str; 8] =
    ["HOME", "PATH", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "BROWSER"];

impl App {
    /// Opens a URL with the desktop's program for that; where that fails, a warning asks the user to open it.
    pub fn open_in_browser(&self, url: &str) -> Result<()> {
        let Some(program) = OPENERS.iter().find_map(|name| machine::find(name, &self.path)) else {
            self.ui.warning(format!("no program here opens a browser ({}): open {url} yourself", OPENERS.join(", ")));
            return Ok(());
        };
        let environment: BTreeMap<String, String> =
            DESKTOP.iter().filter_map(|name| Some(((*name).to_owned(), self.variable(name)?.to_owned()))).collect();
        let command = Command {
            program,
            args: vec![url.to_owned()],
            directory: self.current_folder()?,
            environment,
            timeout: Some(Duration::from_secs(20)),
        };
        if let Err(error) = sys::output(&command, &self.cancel) {
            self.ui.warning(format!("the browser was not opened: {error}; open {url} yourself"));
        }
        Ok(())
    }
}

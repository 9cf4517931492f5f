//! A Python that is installed on this machine.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::cancel::Cancel;
use crate::name::ProgramVersion;
use crate::provider::machine;
use crate::sys::{self, Command};
use crate::tester::probe::Interpreter;

/// The first of some programs that is in `PATH` and says its version.
pub fn find(names: &[String], path: &str, cancel: &Cancel) -> Option<(Utf8PathBuf, String)> {
    names.iter().find_map(|name| {
        let program = machine::find(name, path)?;
        let command = Command {
            program: program.clone(),
            args: vec!["--version".to_owned()],
            directory: "/".into(),
            environment: environment(path),
            timeout: None,
        };
        let said = sys::output(&command, cancel).ok()?;
        let version = ProgramVersion::find(&String::from_utf8_lossy(&said.stdout), "Python ")?;
        Some((program, version.to_string()))
    })
}

/// What runs a program with it.
pub fn interpreter(program: Utf8PathBuf, path: &str) -> Interpreter<'static> {
    Interpreter::Program { program, arguments: Vec::new(), environment: environment(path) }
}

/// Programs that a Python starts are found there.
fn environment(path: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("PATH".to_owned(), path.to_owned())])
}

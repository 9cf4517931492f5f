//! What the package says about itself: `build-details.json` (PEP 739), and the facts that `PYTHON.json` is made of.

use serde_json::{Value, json};

use super::{FACTS, Layout, StageError, browser, copy, write};
use crate::digest::Sha256;
use crate::recipe::model::HostFamily;
use crate::stage::read;
use crate::verify::modules;
use crate::wasm;

impl Layout<'_> {
    /// Writes both files.
    pub fn metadata(&self, module: &[u8]) -> Result<(), StageError> {
        self.job.write(FACTS, &pretty(&self.facts(module)?))?;
        if self.work.family == HostFamily::EmscriptenBrowser {
            // PEP 739 describes an installed interpreter; this package has none that a tool could start.
            return Ok(());
        }
        let details = self.package.join("build-details.json");
        // CPython writes it itself from 3.14 on.
        let from_cpython = self.lib_python().join("build-details.json");
        if from_cpython.is_file() {
            return copy(&from_cpython, &details);
        }
        write(&details, pretty(&self.build_details()?).as_bytes())
    }

    /// What `PYTHON.json` says about the files. The rest of it comes from the recipe when the package is published.
    fn facts(&self, module: &[u8]) -> Result<Value, StageError> {
        let makefile = read(&self.made.join("build/Makefile"))?;
        let interface = wasm::interface(module)
            .map_err(|error| StageError::Wasm { path: self.package.join("python.wasm"), error })?;
        Ok(json!({
            "python-wasm": {
                "path": "python.wasm",
                "size": module.len(),
                "sha256": Sha256::of(module),
                "imports": interface.imports,
                "exports": interface.exports,
            },
            "module-states": modules::states(&makefile),
            "standard-library": self.standard_library_path(),
            "libpython": self.libpython_path(),
        }))
    }

    fn standard_library_path(&self) -> String {
        match self.work.family {
            HostFamily::EmscriptenBrowser => browser::BUNDLE.to_owned(),
            HostFamily::Wasi | HostFamily::EmscriptenNode => format!("lib/{}", self.python()),
        }
    }

    /// Browser packages have no libpython to link against.
    fn libpython_path(&self) -> Option<String> {
        match self.work.family {
            HostFamily::EmscriptenBrowser => None,
            HostFamily::Wasi | HostFamily::EmscriptenNode => Some(format!("lib/lib{}.a", self.python_with_flags())),
        }
    }

    /// PEP 739, version 1.0, for CPython versions that do not write it themselves.
    fn build_details(&self) -> Result<Value, StageError> {
        let header = read(&self.source.join("Include/patchlevel.h"))?;
        let number = |name: &str| define(&header, name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0);
        let level = match define(&header, "PY_RELEASE_LEVEL") {
            Some("PY_RELEASE_LEVEL_ALPHA") => ("alpha", 0xA),
            Some("PY_RELEASE_LEVEL_BETA") => ("beta", 0xB),
            Some("PY_RELEASE_LEVEL_GAMMA") => ("candidate", 0xC),
            _ => ("final", 0xF),
        };
        let (major, minor, micro) =
            (number("PY_MAJOR_VERSION"), number("PY_MINOR_VERSION"), number("PY_MICRO_VERSION"));
        let serial = number("PY_RELEASE_SERIAL");
        let version = json!({
            "major": major, "minor": minor, "micro": micro, "releaselevel": level.0, "serial": serial,
        });
        let python = self.python();
        let with_flags = self.python_with_flags();
        let flags: Vec<String> = self.work.abi_flags.chars().map(String::from).collect();
        Ok(json!({
            "schema_version": "1.0",
            "base_prefix": ".",
            "base_interpreter": format!("bin/{python}"),
            "platform": format!("{}-wasm32", self.work.family.sys_platform()),
            "language": { "version": self.work.minor, "version_info": version },
            "implementation": {
                "name": "cpython",
                "cache_tag": format!("cpython-{major}{minor}"),
                "version": version,
                "hexversion": (major << 24) | (minor << 16) | (micro << 8) | (level.1 << 4) | serial,
            },
            "abi": { "flags": flags },
            "suffixes": { "source": [".py"], "bytecode": [".pyc"], "extensions": self.extension_suffixes()? },
            "libpython": { "static": format!("lib/lib{with_flags}.a"), "link_extensions": false },
            "c_api": { "headers": format!("include/{with_flags}"), "pkgconfig_path": "lib/pkgconfig" },
        }))
    }
}

impl Layout<'_> {
    /// What the names of extension modules end with, where they can be files.
    fn extension_suffixes(&self) -> Result<Vec<String>, StageError> {
        if self.work.shared_modules.is_empty() {
            return Ok(Vec::new());
        }
        let makefile = read(&self.made.join("build/Makefile"))?;
        let suffix = makefile.lines().find_map(|line| line.strip_prefix("EXT_SUFFIX="));
        Ok(suffix.into_iter().map(|suffix| suffix.trim().to_owned()).collect())
    }
}

/// The value of `#define NAME VALUE`.
fn define<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("#define") && words.next() == Some(name)).then(|| words.next()).flatten()
    })
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("plain data becomes JSON") + "\n"
}

//! The package for browsers: a folder that any server of files can serve.
//!
//! ```text
//! python.mjs and what it imports     python.wasm, emscripten.mjs     python-stdlib.zip
//! ```
//!
//! The standard library is also left as files beside the package, in the layout that other hosts have: the tests need it so.

use std::fmt::Write as _;

use super::{LIBRARY, Layout, StageError, copy, write};
use crate::archive::{self, Limits, Options};
use crate::embed;
use crate::embedded::EmbeddedFile;
use crate::plan::Package;
use crate::recipe::model::HostFamily;
use crate::stage::bytecode;
use crate::stage::prepare_source::open_verified;

/// The standard library's bytecode, as one archive.
pub const BUNDLE: &str = "python-stdlib.zip";

/// What python.mjs imports: Emscripten's JavaScript, which make leaves under a name that not every server has a type for.
const EMSCRIPTEN: &str = "emscripten.mjs";

/// Makes the bundle.
const BUNDLE_LIBRARY: EmbeddedFile = embed!("xtask/src/stage/package/bundle_library.py");

/// The files that only packages for browsers are made with.
pub fn files(work: &Package) -> Vec<EmbeddedFile> {
    if work.family == HostFamily::EmscriptenBrowser { vec![BUNDLE_LIBRARY] } else { Vec::new() }
}

impl Layout<'_> {
    /// Everything but python.wasm, which is there.
    pub fn for_browsers(&self, module: &[u8]) -> Result<(), StageError> {
        for name in &self.work.program_files {
            self.copy_text(&self.made.join("build").join(name), &self.package.join(EMSCRIPTEN))?;
        }
        self.job.progress.line("the standard library");
        let data = self.build_data()?;
        self.job.folder(&format!("{LIBRARY}/lib"))?;
        self.standard_library()?;
        self.sysconfig_data(&data)?;
        self.own_files()?;
        self.vendored_files()?;
        self.bytecode(false)?;
        self.bundle()?;
        self.sizes()?;
        copy(&self.source.join("LICENSE"), &self.package.join("LICENSE.txt"))?;
        self.metadata(module)
    }

    /// The files of the checkout, as they were when the plan was made. Python modules become part of the standard library.
    fn own_files(&self) -> Result<(), StageError> {
        for file in &self.work.browser_files {
            let bytes = self.job.checkout_file(file)?;
            let to = if file.file.ends_with(".py") { self.lib_python() } else { self.package.clone() };
            write(&to.join(&file.file), &bytes)?;
        }
        Ok(())
    }

    /// Files of other projects, from the packages that contain them.
    fn vendored_files(&self) -> Result<(), StageError> {
        for vendored in &self.work.vendored {
            let archive = open_verified(self.job, &vendored.artifact)?;
            let folder = self.job.folder(&vendored.name)?;
            let options = Options {
                layout: archive::Layout::AsIs,
                limits: Limits::default(),
                exclude: Vec::new(),
                keep: Vec::new(),
            };
            archive::unpack(&archive, &folder, &options, self.job.context.cancel, self.job.progress)?;
            for (from, to) in &vendored.files {
                copy(&folder.join(from), &self.package.join(to))?;
            }
            fs_err::remove_dir_all(&folder).map_err(|error| StageError::io(&folder, error))?;
        }
        Ok(())
    }

    /// One archive with the bytecode of the whole library, stored: what compresses it is the server, all of it at once.
    fn bundle(&self) -> Result<(), StageError> {
        self.job.write("bundle_library.py", self.job.embedded(BUNDLE_LIBRARY))?;
        let bundle = self.package.join(BUNDLE);
        let arguments = ["bundle_library.py", self.library.as_str(), bundle.as_str()];
        bytecode::run_build_python(self.job, &self.build_python, &arguments, self.work.source_date_epoch)
    }

    /// What python.mjs computes progress from: servers that compress do not say how large a file will be.
    fn sizes(&self) -> Result<(), StageError> {
        let mut text = "// The sizes of the large files beside this one, in bytes. Made with the package.\nexport const SIZES = {\n".to_owned();
        for name in ["python.wasm", BUNDLE] {
            let path = self.package.join(name);
            let size = fs_err::metadata(&path).map_err(|error| StageError::io(&path, error))?.len();
            writeln!(text, "  \"{name}\": {size},").expect("writing to a string does not fail");
        }
        text.push_str("};\n");
        write(&self.package.join("sizes.mjs"), text.as_bytes())
    }
}

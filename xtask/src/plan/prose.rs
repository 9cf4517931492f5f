//! Takes out of a recipe what is written for people only: reasons and licenses. Pure.
//!
//! A plan is made from what is left, so that prose is in no key, and no stage can pass it to a tool.
//! `PYTHON.json` still has it: that file is written from the whole recipe when a package is put into `dist/`.

use crate::recipe::Modules;
use crate::recipe::Recipe;
use crate::recipe::model::Reasons;
use crate::recipe::model::{BuildPython, DebianContents, HostConfigure, ToolchainContents};

/// The recipe with an empty text in place of each reason and license.
///
/// The patterns name every field, so that a new one does not compile until it was decided whether it is prose.
pub fn without_prose(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.clone();
    let Recipe {
        python: _,
        host: _,
        family: _,
        package_suffix: _,
        profile: _,
        triple: _,
        tier: _,
        unverified,
        source_date_epoch: _,
        strip: _,
        abi_flags: _,
        source,
        toolchain,
        libraries,
        build_python,
        configure,
        runner: _,
        modules,
        threads: _,
        wasm: _,
        program_files: _,
        standard_library_exclude,
        vendored,
        regrtest: _,
    } = &mut recipe;
    // Whether there are any decides what the smoke test does with a mismatch.
    unverified.iter_mut().for_each(String::clear);
    source.artifact.license.clear();
    clear_contents(&mut toolchain.contents);
    libraries.iter_mut().for_each(|library| library.artifact.license.clear());
    vendored.iter_mut().for_each(|vendored| vendored.artifact.license.clear());
    let BuildPython { flavour: _, arguments: _, make_targets: _, environment: _, left_out_modules, setup_local: _ } =
        build_python;
    let HostConfigure { arguments: _, config_site: _, environment: _, preset, setup_local: _ } = configure;
    preset.values_mut().for_each(|preset| preset.reason.clear());
    let Modules { builtin: _, shared: _, missing, disabled, not_available, not_built, exclude } = modules;
    for reasons in [left_out_modules, missing, disabled, not_available, not_built, exclude, standard_library_exclude] {
        clear(reasons);
    }
    recipe
}

/// The same for a runner that is made of packages.
pub fn contents_without_prose(contents: &ToolchainContents) -> ToolchainContents {
    let mut contents = contents.clone();
    clear_contents(&mut contents);
    contents
}

fn clear_contents(contents: &mut ToolchainContents) {
    match contents {
        ToolchainContents::Archive { artifact } => artifact.license.clear(),
        ToolchainContents::Folder { path: _ } => {}
        ToolchainContents::Debian(contents) => {
            let DebianContents {
                artifacts,
                below: _,
                exclude,
                keep: _,
                launchers: _,
                links: _,
                files: _,
                files_folder: _,
                patched: _,
                finish: _,
            } = contents;
            artifacts.iter_mut().for_each(|artifact| artifact.license.clear());
            clear(exclude);
        }
    }
}

fn clear(reasons: &mut Reasons) {
    reasons.values_mut().for_each(String::clear);
}

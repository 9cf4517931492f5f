//! `PYTHON.json`: what a published package is made of, with the reasons and licenses that the recipe gives. Pure.
//!
//! It is no part of a stage's result: its prose is in no key, so that a corrected reason rebuilds nothing.

use serde_json::{Value, json};

use crate::plan::{CheckoutFile, Plan, Work};
use crate::recipe::Recipe;
use crate::recipe::model::Artifact;

/// The version of the format. Raised when a key changes its meaning or is removed.
const SCHEMA: u32 = 1;

/// The text of the file. `facts` is what the stage `package` found out about the files.
pub fn python_json(recipe: &Recipe, plan: &Plan, facts: &Value) -> String {
    let inputs: Vec<Value> = inputs(recipe, plan).into_iter().map(input).collect();
    let mut about = json!({
        "schema": SCHEMA,
        "name": recipe.package_name(),
        "python": recipe.python,
        "host": recipe.host,
        "triple": recipe.triple,
        "profile": recipe.profile,
        "unverified": recipe.unverified,
        "source-date-epoch": recipe.source_date_epoch,
        "toolchain": recipe.toolchain.title(),
        "made-with": concat!("xtask ", env!("CARGO_PKG_VERSION")),
        "license": "Python-2.0.1",
        "inputs": inputs,
        "patches": patches(plan),
        "configure": {
            "arguments": recipe.configure.arguments,
            "environment": recipe.configure.environment,
        },
        "runner": recipe.runner,
        "python-wasm": facts["python-wasm"],
        "modules": {
            "builtin": recipe.modules.builtin,
            "shared": recipe.modules.shared,
            "missing": recipe.modules.missing,
            "disabled": recipe.modules.disabled,
            "not-available": recipe.modules.not_available,
            "left-out": recipe.modules.exclude,
            "states": facts["module-states"],
        },
        "standard-library": {
            "path": facts["standard-library"],
            "excluded": recipe.standard_library_exclude,
        },
        "libpython": facts["libpython"],
    });
    // Absent, and not `null`, where PEP 11 does not list the platform.
    if let Some(tier) = recipe.tier {
        about["tier"] = json!(tier);
    }
    serde_json::to_string_pretty(&about).expect("plain data becomes JSON") + "\n"
}

/// Everything that was downloaded for it.
fn inputs<'a>(recipe: &'a Recipe, plan: &Plan) -> Vec<&'a Artifact> {
    let is_pinned = |stage: &crate::plan::Stage| matches!(stage.work, Work::PrepareSource { artifact: Some(_), .. });
    let source = plan.stages.iter().any(is_pinned).then_some(&recipe.source.artifact);
    let libraries = recipe.libraries.iter().map(|library| &library.artifact);
    let vendored = recipe.vendored.iter().map(|vendored| &vendored.artifact);
    source.into_iter().chain(recipe.toolchain.artifacts()).chain(libraries).chain(vendored).collect()
}

fn input(artifact: &Artifact) -> Value {
    json!({
        "file": artifact.file,
        "size": artifact.size,
        "sha256": artifact.sha256,
        "license": artifact.license,
        "urls": artifact.origin.urls,
        "debian-source": artifact.origin.debian_sources.first(),
        "debian-package": artifact.origin.debian_package,
        "verified-by": artifact.origin.verified_by,
    })
}

/// CPython's patches, then the toolchain's.
fn patches(plan: &Plan) -> Vec<&CheckoutFile> {
    let (mut source, mut toolchain) = (Vec::new(), Vec::new());
    for stage in &plan.stages {
        match &stage.work {
            Work::PrepareSource { patches, .. } => source.extend(patches),
            Work::PrepareToolchain { patches, .. } => toolchain.extend(patches),
            _ => {}
        }
    }
    [source, toolchain].concat()
}

//! The Python that is measured, as every report names it.

use std::fmt;

use serde::Serialize;

use xtask::recipe::Recipe;

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subject {
    pub python: String,
    pub host: String,
    pub profile: String,
    pub toolchain: String,
}

impl Subject {
    pub fn of(recipe: &Recipe) -> Self {
        Self {
            python: recipe.python.to_string(),
            host: recipe.host.clone(),
            profile: recipe.profile.clone(),
            toolchain: recipe.toolchain.title(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { python, host, profile, toolchain } = self;
        write!(f, "Python {python} for {host}, profile {profile}, {toolchain}")
    }
}

#[cfg(test)]
pub mod tests {
    use super::Subject;

    pub fn example(host: &str, toolchain: &str) -> Subject {
        let text = str::to_owned;
        Subject { python: text("3.13.15"), host: text(host), profile: text("release"), toolchain: text(toolchain) }
    }
}

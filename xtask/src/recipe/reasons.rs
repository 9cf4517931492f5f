//! Reasons in files that several hosts share: texts that name a host, and texts that several entries refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::mistakes::Mistakes;
use super::placeholder::ReasonWord;
use super::template::Template;

/// Why an entry is there; `@NAME` refers to a reason in `[reason]`.
pub type Reason = Template<ReasonWord>;

/// `[reason]`: reasons that several entries of a file share, written `@NAME` there.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct SharedReasons(BTreeMap<Spanned<String>, Reason>);

impl SharedReasons {
    /// The text of a reason, for a host.
    pub fn text(&self, reason: &Reason, host: &str, platform: &str) -> String {
        let shared = referred(reason).and_then(|name| self.0.get(name.as_str()));
        text(shared.unwrap_or(reason), host, platform)
    }

    /// Checks one reason of a file.
    pub fn check(&self, file: &str, span: &Range<usize>, reason: &Reason, mistakes: &mut Mistakes) {
        if reason.to_string().trim().is_empty() {
            mistakes.add(file, Some(span.clone()), "the reason is empty", Some("say why, in one line".to_owned()));
        }
        if let Some(name) = referred(reason) {
            let names: Vec<&str> = self.0.keys().map(|name| name.get_ref().as_str()).collect();
            mistakes.known(file, &Spanned::new(span.clone(), name), "reason", &names);
        }
    }

    /// Checks that each shared reason is one of some entry. `all` are the reasons of all entries.
    pub fn check_used<'a>(
        &self,
        file: &str,
        entry: &str,
        all: impl Iterator<Item = &'a Reason>,
        mistakes: &mut Mistakes,
    ) {
        let used: BTreeSet<String> = all.filter_map(referred).collect();
        for name in self.0.keys().filter(|name| !used.contains(name.get_ref())) {
            let message = format!("no {entry} has the reason `@{}`", name.get_ref());
            mistakes.add(file, Some(name.span()), &message, Some("remove it".to_owned()));
        }
    }
}

/// The text of a reason that refers to no other, for a host.
pub fn text(reason: &Reason, host: &str, platform: &str) -> String {
    reason.fill(|word| match word {
        ReasonWord::Host => host,
        ReasonWord::Platform => platform,
    })
}

fn referred(reason: &Reason) -> Option<String> {
    reason.to_string().strip_prefix('@').map(str::to_owned)
}

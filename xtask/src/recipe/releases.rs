//! The minors of CPython: each file of `recipes/cpython/` completed with what all minors have in common, and checked.

use toml::Spanned;

use super::mistakes::Mistakes;
use super::model::{Cpython, Micro, Regrtest};
use super::raw;
use crate::name::Minor;

/// The file of what all minors have in common.
pub const FILE: &str = "recipes/cpython.toml";

/// One minor, from its file.
pub fn cpython(file: &str, minor: Minor, recipe: raw::Cpython, common: &Regrtest, mistakes: &mut Mistakes) -> Cpython {
    check(file, minor, &recipe, mistakes);
    let own = recipe.regrtest;
    let mut differ = Differences { file, mistakes };
    let regrtest = Regrtest {
        python_arguments: differ.apply(own.python_arguments, &common.python_arguments),
        arguments: differ.apply(own.arguments, &common.arguments),
        resources: differ.apply(own.resources, &common.resources),
        file_timeout: differ.apply(own.file_timeout, &common.file_timeout),
    };
    let micro = recipe.micro.into_iter().map(|micro| {
        let raw::Micro { version, source_date_epoch, unverified, patches, source } = micro;
        Micro { version: version.into_inner(), source_date_epoch, unverified, patches, source }
    });
    Cpython { build_python_setup_local: recipe.build_python_setup_local, micro: micro.collect(), regrtest }
}

struct Differences<'a, 'b> {
    file: &'a str,
    mistakes: &'a mut Mistakes<'b>,
}

impl Differences<'_, '_> {
    fn apply<T: Clone + PartialEq>(&mut self, own: Option<Spanned<T>>, common: &T) -> T {
        let Some(own) = own else { return common.clone() };
        if own.get_ref() == common {
            let message = format!("this is no exception: {FILE} has the same");
            self.mistakes.add(self.file, Some(own.span()), &message, Some("remove it".to_owned()));
        }
        own.into_inner()
    }
}

fn check(file: &str, minor: Minor, recipe: &raw::Cpython, mistakes: &mut Mistakes) {
    if *recipe.minor.get_ref() != minor {
        let message = format!("the file is named {minor} and says minor = \"{}\"", recipe.minor.get_ref());
        mistakes.add(file, Some(recipe.minor.span()), &message, None);
    }
    if recipe.micro.is_empty() {
        mistakes.add(file, None, "no release is pinned", Some("add a [[micro]]".to_owned()));
    }
    let mut above = None;
    for place in recipe.micro.iter().map(|micro| &micro.version) {
        let (version, place) = (*place.get_ref(), Some(place.span()));
        if version.minor != minor {
            mistakes.add(file, place, &format!("{version} is not a release of {minor}"), None);
        } else if let Some(above) = above.filter(|above| *above <= version) {
            let help = "the first available one is used: list the newest first".to_owned();
            mistakes.add(file, place, &format!("{version} is listed below {above}"), Some(help));
        }
        above = Some(version);
    }
}

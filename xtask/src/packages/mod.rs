//! Packages of PyPI: what is asked of pip, what it answers, and what is shown of them. Pure.
//!
//! pip runs on the build machine, since it needs sockets and TLS; `provider::pip` starts it.

pub mod check;
pub mod inspect;
pub mod modules;
pub mod page;
pub mod refusal;
pub mod report;
pub mod request;
pub mod target;

pub use refusal::Refusal;
pub use report::Wheel;
pub use request::Request;
pub use target::{Index, Target};

/// A name as indexes compare it: lower case, with `-` for each run of `-`, `_` and `.` (PEP 503).
pub fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normalized.ends_with('-') => {}
            '-' | '_' | '.' => normalized.push('-'),
            other => normalized.extend(other.to_lowercase()),
        }
    }
    normalized
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_compared_as_indexes_do() {
        assert_eq!(super::normalized("Zope._-Interface"), "zope-interface");
        assert_eq!(super::normalized("a--b"), "a-b");
    }
}

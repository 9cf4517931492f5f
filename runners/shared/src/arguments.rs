//! The options that all runners have: `--dir`, `--env`, `--timeout`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;

/// A directory of the host that a guest can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    pub host: PathBuf,
    /// Its path in the guest.
    pub guest: String,
    pub read_only: bool,
}

/// The value of `--dir`: `HOST[::GUEST][::ro]`.
///
/// # Errors
/// If one of the paths is empty.
pub fn directory(argument: &str) -> Result<Directory, Failure> {
    let (paths, read_only) = match argument.strip_suffix("::ro") {
        Some(paths) => (paths, true),
        None => (argument, false),
    };
    let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
    if host.is_empty() || guest.is_empty() {
        return Err(Failure::usage(format!("`--dir {argument}` is not of the form HOST[::GUEST][::ro]")));
    }
    Ok(Directory { host: host.into(), guest: guest.to_owned(), read_only })
}

/// Sets the variable that `--env NAME=VALUE` names, or passes on the one that `--env NAME` names, if this process has it.
///
/// # Errors
/// If the name is empty, or the variable that is passed on is not UTF-8.
pub fn set_variable(environment: &mut Vec<(String, String)>, argument: String) -> Result<(), Failure> {
    let variable = match argument.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => std::env::var_os(&argument).map(|value| Ok::<_, Failure>((argument, text(value)?))).transpose()?,
    };
    let Some((name, value)) = variable else { return Ok(()) };
    if name.is_empty() {
        return Err(Failure::usage("`--env` needs a NAME before the `=`"));
    }
    environment.retain(|(known, _)| *known != name);
    environment.push((name, value));
    Ok(())
}

/// The value of `--timeout`.
///
/// # Errors
/// If it is not a number above zero.
pub fn seconds(argument: &str) -> Result<Duration, Failure> {
    match argument.parse().map(Duration::try_from_secs_f64) {
        Ok(Ok(limit)) if !limit.is_zero() => Ok(limit),
        _ => Err(Failure::usage(format!("`--timeout {argument}` is not a number of seconds above zero"))),
    }
}

/// An argument as text: guests know only UTF-8.
///
/// # Errors
/// If it is not UTF-8.
pub fn text(argument: OsString) -> Result<String, Failure> {
    argument.into_string().map_err(|argument| Failure::usage(format!("`{}` is not UTF-8", argument.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_a_path_in_the_guest_and_permissions() {
        let directory = |argument| directory(argument).map(|it| (it.host, it.guest, it.read_only));
        let expect = |host: &str, guest: &str, read_only| (host.into(), guest.into(), read_only);
        assert_eq!(directory("a").unwrap(), expect("a", "a", false));
        assert_eq!(directory("a::ro").unwrap(), expect("a", "a", true));
        assert_eq!(directory("a::/b").unwrap(), expect("a", "/b", false));
        assert_eq!(directory("a::/b::ro").unwrap(), expect("a", "/b", true));
        for wrong in ["::/b", "a::", ""] {
            assert!(directory(wrong).unwrap_err().to_string().contains("HOST[::GUEST][::ro]"), "{wrong}");
        }
    }

    #[test]
    fn the_last_value_of_a_variable_wins() {
        let mut environment = Vec::new();
        for argument in ["A=1", "B=", "A=2=3", "NOT_SET_IN_ANY_TEST"] {
            set_variable(&mut environment, argument.to_owned()).unwrap();
        }
        assert_eq!(environment, [("B".to_owned(), String::new()), ("A".to_owned(), "2=3".to_owned())]);
        assert!(set_variable(&mut environment, "=x".to_owned()).unwrap_err().to_string().contains("NAME"));
    }

    #[test]
    fn a_timeout_is_above_zero() {
        assert_eq!(seconds("1.5").unwrap(), Duration::from_millis(1500));
        for wrong in ["0", "-1", "NaN", "inf", "1s", "1e-12"] {
            assert!(seconds(wrong).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }
}

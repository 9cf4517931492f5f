//! What an embedder links: libpython, the static libraries that it needs, and pkg-config files that name them.

use super::{Layout, StageError, copy, write};
use crate::stage::read;
use crate::sys;
use crate::sys::fs::Kind;

impl Layout<'_> {
    /// libpython and CPython's own helper libraries (libmpdec, expat, HACL*), side by side.
    pub fn static_libraries(&self) -> Result<(), StageError> {
        let library = format!("lib{}.a", self.python_with_flags());
        copy(&self.made.join("build").join(&library), &self.package.join("lib").join(&library))?;
        for helper in self.helper_libraries()? {
            let path = self.made.join("build/Modules").join(&helper);
            let name = path.file_name().unwrap_or_default().to_owned();
            copy(&path, &self.package.join("lib").join(name))?;
        }
        Ok(())
    }

    /// Paths below `Modules/` of the build.
    fn helper_libraries(&self) -> Result<Vec<camino::Utf8PathBuf>, StageError> {
        let modules = self.made.join("build/Modules");
        let entries = sys::fs::list_tree(&modules).map_err(|error| StageError::io(&modules, error))?;
        let archive =
            |entry: &sys::fs::Entry| matches!(entry.kind, Kind::File { .. }) && entry.path.extension() == Some("a");
        Ok(entries.into_iter().filter(archive).map(|entry| entry.path).collect())
    }

    /// pkg-config files that work wherever the package lies, and name all that a static link needs.
    pub fn pkg_config(&self) -> Result<(), StageError> {
        let folder = self.installed().join("lib/pkgconfig");
        let mut libraries: Vec<String> = self
            .helper_libraries()?
            .iter()
            .filter_map(|path| path.file_stem()?.strip_prefix("lib").map(|name| format!("-l{name}")))
            .collect();
        libraries.sort();
        for entry in sys::fs::list_tree(&folder).map_err(|error| StageError::io(&folder, error))? {
            let text = read(&folder.join(&entry.path))?;
            let text = self.without_paths(&relocatable(&text, &libraries));
            write(&self.package.join("lib/pkgconfig").join(&entry.path), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Finds the package from the file's own place. There is no shared libpython on this host, so that what CPython lists as
/// private is always needed.
fn relocatable(text: &str, libraries: &[String]) -> String {
    let private =
        text.lines().find_map(|line| line.strip_prefix("Libs.private:")).unwrap_or_default().trim().to_owned();
    let line = |line: &str| match line.split_once(['=', ':']) {
        Some(("prefix", _)) => "prefix=${pcfiledir}/../..".to_owned(),
        Some(("Libs", flags)) if flags.contains("-lpython") => {
            format!("Libs:{flags} {} {private}", libraries.join(" ")).trim_end().to_owned()
        }
        _ => line.to_owned(),
    };
    text.lines().map(line).fold(String::new(), |text, line| text + &line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pkg_config_file_finds_its_package_and_names_all_libraries() {
        let text =
            "prefix=/usr/local\nlibdir=${prefix}/lib\n\nLibs.private: -ldl -lm\nLibs: -L${libdir} -lpython3.13\n";
        let libraries = ["-lexpat".to_owned(), "-lmpdec".to_owned()];
        assert_eq!(
            relocatable(text, &libraries),
            "prefix=${pcfiledir}/../..\nlibdir=${prefix}/lib\n\nLibs.private: -ldl -lm\n\
             Libs: -L${libdir} -lpython3.13 -lexpat -lmpdec -ldl -lm\n"
        );
    }
}

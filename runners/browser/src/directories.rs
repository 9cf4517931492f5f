//! Directories of this machine as a page gets them: listed and read one by one, or packed into one stream.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

/// What lies directly in a directory, as the page wants it. Names that are not UTF-8 are left out: no page could ask for them.
pub fn list(directory: &Path) -> io::Result<Value> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // A link is what it leads to; one that leads nowhere, and what is neither file nor directory, is not there.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        if metadata.is_file() || metadata.is_dir() {
            entries.push(described(&metadata, "name", &name));
        }
    }
    entries.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    Ok(entries.into())
}

/// A path below a directory; `None` if it leads out of it.
pub fn below(directory: &Path, path: &str) -> Option<PathBuf> {
    let inside = Path::new(path).components().all(|component| matches!(component, Component::Normal(_)));
    inside.then(|| directory.join(path))
}

fn described(metadata: &Metadata, key: &str, name: &str) -> Value {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!({
        key: name,
        "directory": metadata.is_dir(),
        "size": if metadata.is_dir() { 0 } else { metadata.len() },
        "modified": modified.unwrap_or_default().as_millis() as u64,
    })
}

/// Everything below a directory, one file after the other.
pub struct Packed {
    pub directory: PathBuf,
    files: Vec<(PathBuf, u64)>,
    entries: Vec<Value>,
    size: u64,
}

impl Packed {
    /// Looks at a directory.
    pub fn new(directory: &Path) -> io::Result<Self> {
        let mut packed = Self { directory: directory.to_owned(), files: Vec::new(), entries: Vec::new(), size: 0 };
        packed.add("")?;
        Ok(packed)
    }

    fn add(&mut self, path: &str) -> io::Result<()> {
        let here = self.directory.join(path);
        for mut entry in list(&here)?.as_array().cloned().unwrap_or_default() {
            let name = entry["name"].as_str().unwrap_or_default();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            let size = entry["size"].as_u64().unwrap_or_default();
            let is_directory = entry["directory"] == true;
            entry["path"] = path.as_str().into();
            entry["start"] = self.size.into();
            self.entries.push(entry);
            if is_directory {
                self.add(&path)?;
            } else {
                self.files.push((self.directory.join(&path), size));
                self.size += size;
            }
        }
        Ok(())
    }

    /// Where each file lies in [`data`](Self::data).
    pub fn index(&self) -> Value {
        json!({ "size": self.size, "entries": self.entries })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn data(&self) -> Data {
        Data { files: self.files.clone().into_iter(), current: None }
    }
}

/// The bytes of all files.
pub struct Data {
    files: std::vec::IntoIter<(PathBuf, u64)>,
    /// With what is still to come of it.
    current: Option<(File, u64)>,
}

impl Read for Data {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.current {
                Some((file, left)) if *left > 0 => {
                    let wanted = buffer.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let length = file.read(&mut buffer[..wanted])?;
                    if length == 0 {
                        return Err(io::Error::other("a file became shorter while it was read"));
                    }
                    *left -= length as u64;
                    return Ok(length);
                }
                _ => match self.files.next() {
                    Some((path, size)) => self.current = Some((File::open(path)?, size)),
                    None => return Ok(0),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{Packed, below};

    #[test]
    fn a_packed_directory_has_each_file_where_its_index_says() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("b/c")).unwrap();
        std::fs::write(root.join("a"), "first").unwrap();
        std::fs::write(root.join("b/empty"), "").unwrap();
        std::fs::write(root.join("b/c/d"), "second").unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("broken")).unwrap();
        std::os::unix::fs::symlink("a", root.join("link")).unwrap();
        let packed = Packed::new(root).unwrap();
        let mut data = Vec::new();
        packed.data().read_to_end(&mut data).unwrap();
        assert_eq!(data.len() as u64, packed.size());
        let index = packed.index();
        let content = |path: &str| {
            let entry = index["entries"].as_array().unwrap().iter().find(|entry| entry["path"] == path).unwrap();
            let (start, size) = (entry["start"].as_u64().unwrap() as usize, entry["size"].as_u64().unwrap() as usize);
            String::from_utf8(data[start..start + size].to_vec()).unwrap()
        };
        assert_eq!(
            (content("a"), content("b/c/d"), content("b/empty"), content("link")),
            ("first".into(), "second".into(), String::new(), "first".into())
        );
        let paths: Vec<&str> =
            index["entries"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["a", "b", "b/c", "b/c/d", "b/empty", "link"]);
    }

    #[test]
    fn a_file_that_became_shorter_is_an_error_and_not_less() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "12345").unwrap();
        let packed = Packed::new(folder.path()).unwrap();
        std::fs::write(folder.path().join("a"), "123").unwrap();
        assert!(packed.data().read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn no_path_leads_out() {
        let root = std::path::Path::new("/root");
        assert_eq!(below(root, "a/b"), Some(root.join("a/b")));
        assert_eq!(below(root, ""), Some(root.join("")));
        for path in ["..", "a/../../b", "/etc", "a/./../.."] {
            assert_eq!(below(root, path), None, "{path}");
        }
    }
}

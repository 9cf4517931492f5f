//! What an index of a Debian archive lists, and how versions compare. Pure.

use std::cmp::Ordering;

use crate::digest::Sha256;

/// One version of a package, or of a source package, that an index lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub version: String,
    /// `all`, or the machine that a binary package is for.
    pub architecture: String,
    /// One file for a binary package.
    pub files: Vec<ListedFile>,
}

/// A file of the archive, as the signed index describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Relative to the archive.
    pub path: String,
    pub size: u64,
    pub sha256: Sha256,
}

/// Parses what `apt-cache show` or `apt-cache showsrc` prints. Paragraphs that lack a field are skipped.
pub fn parse(text: &str) -> Vec<Listed> {
    text.split("\n\n").filter_map(paragraph).collect()
}

fn paragraph(text: &str) -> Option<Listed> {
    let field = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim).map(str::to_owned)
    };
    let files = match field("Filename") {
        Some(path) => {
            vec![ListedFile { path, size: field("Size")?.parse().ok()?, sha256: field("SHA256")?.parse().ok()? }]
        }
        None => {
            let folder = field("Directory")?;
            let lines = text.lines().skip_while(|line| !line.starts_with("Checksums-Sha256:")).skip(1);
            lines.take_while(|line| line.starts_with(' ')).filter_map(|line| checksum(&folder, line)).collect()
        }
    };
    Some(Listed {
        name: field("Package")?,
        version: field("Version")?,
        architecture: field("Architecture").unwrap_or_default(),
        files,
    })
}

/// ` HASH SIZE NAME`
fn checksum(folder: &str, line: &str) -> Option<ListedFile> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [sha256, size, name] = words[..] else { return None };
    Some(ListedFile { path: format!("{folder}/{name}"), size: size.parse().ok()?, sha256: sha256.parse().ok()? })
}

/// The upstream release that a package version packs: without epoch and Debian's revision.
pub fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

/// The newest of these versions of the same upstream release.
pub fn newest_of_same_release<'a>(listed: impl Iterator<Item = &'a Listed>, version: &str) -> Option<&'a Listed> {
    let same = listed.filter(|listed| upstream(&listed.version) == upstream(version));
    same.max_by(|one, other| compare(&one.version, &other.version))
}

/// Compares versions as dpkg does: epoch, upstream version, revision.
pub fn compare(one: &str, other: &str) -> Ordering {
    let parts = |version: &str| {
        let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
        let (release, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        (epoch.parse::<u64>().unwrap_or(0), release.to_owned(), revision.to_owned())
    };
    let (one, other) = (parts(one), parts(other));
    one.0.cmp(&other.0).then_with(|| compare_part(&one.1, &other.1)).then_with(|| compare_part(&one.2, &other.2))
}

/// Alternates between text and numbers. In text, `~` sorts before the end, and letters before everything else.
fn compare_part(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let text = |part: &str| part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let ((text_one, rest_one), (text_other, rest_other)) = (one.split_at(text(one)), other.split_at(text(other)));
        let rank = |c: Option<char>| match c {
            Some('~') => -1,
            None => 0,
            Some(c) if c.is_ascii_alphabetic() => c as i32,
            Some(c) => c as i32 + 256,
        };
        let (mut left, mut right) = (text_one.chars(), text_other.chars());
        loop {
            let (l, r) = (left.next(), right.next());
            match rank(l).cmp(&rank(r)) {
                Ordering::Equal if l.is_none() => break,
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
        let number = |part: &str| part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let ((number_one, rest_one), (number_other, rest_other)) =
            (rest_one.split_at(number(rest_one)), rest_other.split_at(number(rest_other)));
        let (number_one, number_other) = (number_one.trim_start_matches('0'), number_other.trim_start_matches('0'));
        let unequal = number_one.len().cmp(&number_other.len()).then_with(|| number_one.cmp(number_other));
        if unequal != Ordering::Equal {
            return unequal;
        }
        (one, other) = (rest_one, rest_other);
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_dpkg_compares_them() {
        // Each is older than the next.
        let sorted = [
            "1.0~rc1-1",
            "1.0-1~deb12u1",
            "1.0-1",
            "1.0-1+deb12u1",
            "1.0-1+deb12u10",
            "1.0-1.1",
            "1.0-2",
            "1.0-10",
            "1.0a-1",
            "1.0+dfsg-1",
            "1.0.1-1",
            "1.9",
            "1.10",
            "1:0.1-1",
        ];
        for (index, one) in sorted.iter().enumerate() {
            for (other_index, other) in sorted.iter().enumerate() {
                assert_eq!(compare(one, other), index.cmp(&other_index), "{one} and {other}");
            }
        }
        assert_eq!(compare("1.007-1", "1.7-1"), Ordering::Equal);
    }

    #[test]
    fn the_upstream_release_has_neither_epoch_nor_revision() {
        let versions = ["1:19.1.7-3~deb12u1", "3.1-20221030-2", "0.0~git20241209.574b88d-2", "1.0"];
        assert_eq!(versions.map(upstream), ["19.1.7", "3.1-20221030", "0.0~git20241209.574b88d", "1.0"]);
    }

    #[test]
    fn indexes_of_packages_and_of_sources_are_read() {
        let (hash, other) = (Sha256::of(b"a"), Sha256::of(b"b"));
        let text = format!(
            "Package: tool\nVersion: 1-1\nArchitecture: all\nFilename: pool/tool_1-1_all.deb\nSize: 3\nSHA256: {hash}\n\n\
             Package: tool\nVersion: broken\n\n\
             Package: python3\nVersion: 3-1\nFiles:\n 0123 4 python3_3.orig.tar.xz\n\
             Checksums-Sha256:\n {hash} 5 python3_3-1.dsc\n {other} 4 python3_3.orig.tar.xz\nDirectory: pool/main/p\n"
        );
        let listed = parse(&text);
        let files: Vec<(&str, u64)> =
            listed.iter().flat_map(|one| &one.files).map(|file| (file.path.as_str(), file.size)).collect();
        assert_eq!(listed.iter().map(|one| one.version.as_str()).collect::<Vec<_>>(), ["1-1", "3-1"]);
        assert_eq!(
            files,
            [
                ("pool/tool_1-1_all.deb", 3),
                ("pool/main/p/python3_3-1.dsc", 5),
                ("pool/main/p/python3_3.orig.tar.xz", 4)
            ]
        );
        assert_eq!(listed[1].files[1].sha256, other);
    }
}

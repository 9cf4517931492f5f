//! The report of `pip install --dry-run --report`: which wheels pip chose.

use serde::{Deserialize, Serialize};

use super::normalized;
use crate::digest::Sha256;

/// A wheel that pip chose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wheel {
    /// The normalized name of the package.
    pub name: String,
    pub version: String,
    /// The name of the file.
    pub file: String,
    pub sha256: Sha256,
}

#[derive(Deserialize)]
struct Report {
    install: Vec<Install>,
}

#[derive(Deserialize)]
struct Install {
    download_info: DownloadInfo,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct DownloadInfo {
    url: String,
    #[serde(default)]
    archive_info: ArchiveInfo,
}

#[derive(Deserialize, Default)]
struct ArchiveInfo {
    /// `sha256=…`; pip before 23.1 has nothing else.
    hash: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
}

impl Wheel {
    /// As requirements files pin it.
    pub fn pin(&self) -> String {
        format!("{}=={} --hash=sha256:{}", self.name, self.version, self.sha256)
    }
}

/// Lines of a requirements file that name exactly these wheels.
pub fn pins(wheels: &[Wheel]) -> String {
    wheels.iter().map(|wheel| format!("{}\n", wheel.pin())).collect()
}

/// The chosen wheels, by name.
///
/// # Errors
/// What is wrong with the report.
pub fn parse(text: &str) -> Result<Vec<Wheel>, String> {
    let report: Report = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut wheels = report.install.into_iter().map(wheel).collect::<Result<Vec<_>, _>>()?;
    wheels.sort();
    Ok(wheels)
}

fn wheel(install: Install) -> Result<Wheel, String> {
    let Metadata { name, version } = install.metadata;
    let DownloadInfo { url, archive_info } = install.download_info;
    let hash = archive_info.hash.as_deref().and_then(|hash| hash.strip_prefix("sha256="));
    let sha256 = hash.and_then(|hash| hash.parse().ok()).ok_or_else(|| format!("{name} {version} has no SHA-256"))?;
    let file = url.split(['#', '?']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    // A local version is quoted in URLs.
    let file = file.replace("%2B", "+").replace("%2b", "+");
    let is_wheel = file.ends_with(".whl") && file.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+!".contains(c));
    match is_wheel {
        true => Ok(Wheel { name: normalized(&name), version, file, sha256 }),
        false => Err(format!("{name} {version} comes from `{file}`, which is not a wheel")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(url: &str, hash: &str) -> String {
        let download_info = serde_json::json!({ "url": url, "archive_info": { "hash": hash } });
        let install =
            serde_json::json!({ "download_info": download_info, "metadata": { "name": "A_b", "version": "1" } });
        serde_json::json!({ "version": "1", "install": [install] }).to_string()
    }

    #[test]
    fn wheels_have_a_name_a_file_and_a_hash() {
        let hash = "ab".repeat(32);
        let wheels =
            parse(&report("https://host.invalid/x/a_b-1%2Bx-py3-none-any.whl#egg=y", &format!("sha256={hash}")))
                .unwrap();
        assert_eq!(wheels[0].file, "a_b-1+x-py3-none-any.whl");
        assert_eq!(pins(&wheels), format!("a-b==1 --hash=sha256:{hash}\n"));
        let error = |url: &str, hash: &str| parse(&report(url, hash)).unwrap_err();
        assert_eq!(error("file:///a.whl", "md5=00"), "A_b 1 has no SHA-256");
        assert!(error("file:///a.tar.gz", &format!("sha256={hash}")).ends_with("`a.tar.gz`, which is not a wheel"));
        assert!(parse("{}").is_err());
    }
}

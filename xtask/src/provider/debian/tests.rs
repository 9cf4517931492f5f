//! What apt leaves is verified before it becomes a download.

use std::time::Duration;

use super::*;
use crate::fetch::{Client, Proxies, Settings};
use crate::recipe::model::Origin;

#[test]
fn only_the_pinned_bytes_become_a_download() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let store = Store::open(&root.join("store")).unwrap();
    let wait = Duration::from_secs(1);
    let settings = Settings { connect_timeout: wait, stall_timeout: wait, retry_delay: wait, proxies: Proxies::Never };
    let policy = FetchPolicy {
        client: Client::new(settings),
        mirror: None,
        offline: true,
        locked: true,
        network_environment: BTreeMap::new(),
        npm_environment: BTreeMap::new(),
    };
    let surroundings = Surroundings { store: &store, policy: &policy, cancel: &Cancel::default() };
    let artifact = Artifact {
        file: "tools.deb".to_owned(),
        size: Some(6),
        sha256: Sha256::of(b"pinned"),
        license: String::new(),
        origin: Origin::default(),
    };
    let download = store.download(&artifact.sha256, &artifact.file);
    let inbox = root.join("tools.deb");
    fs_err::write(&inbox, "others").unwrap();
    let error = publish(&artifact, &inbox, "moon", "tools 3-1", surroundings).unwrap_err();
    assert!(error.is_mismatch(), "{error}");
    assert!(!download.exists());
    fs_err::write(&inbox, "pinned").unwrap();
    assert_eq!(publish(&artifact, &inbox, "moon", "tools 3-1", surroundings).unwrap(), 6);
    assert_eq!(fs_err::read(&download).unwrap(), b"pinned");
}

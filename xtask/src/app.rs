//! The surroundings of one invocation: the environment is read here, once, and nowhere else.

mod browser;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cancel::Cancel;
use crate::cli::{Format, OutputArgs};
use crate::configure_cache;
use crate::digest::Sha256;
use crate::dist::{self, AddedFile};
use crate::expectations::{self, Expectations};
use crate::fetch;
use crate::lock::{LOCK_FILE, Lock};
use crate::packages::Index;
use crate::provider::FetchPolicy;
use crate::provider::pip::Pip;
use crate::recipe::{Catalogue, Texts};
use crate::stage::Cargo;
use crate::store::Store;
use crate::sys;
use crate::ui::{self, Ui};

/// The longest wait for a connection. Short, because there are other sources.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause in a download.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait before the first retry; each further one waits twice as long.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// What programs that use the network need of the environment.
const NETWORK: [&str; 13] = [
    "APT_CONFIG",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CARGO_HTTP_CAINFO",
    "CARGO_HTTP_PROXY",
];

/// What npm needs besides.
const NPM: [&str; 4] = ["PATH", "HOME", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_USERCONFIG"];

/// What pip needs besides: where its settings are, and the settings that say where packages come from and how to get there.
const PIP: [&str; 20] = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_CACHE_HOME",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NETRC",
    "PIP_CACHE_DIR",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TRUSTED_HOST",
];

/// What cargo and rustup need of the environment.
const CARGO: [&str; 8] =
    ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_NET_OFFLINE", "LD_LIBRARY_PATH", "TMPDIR"];

/// The surroundings of one invocation.
pub struct App {
    pub ui: Ui,
    pub format: Format,
    pub cancel: Cancel,
    pub checkout: Utf8PathBuf,
    /// The user's `PATH`, to look programs up in; children get another.
    pub path: String,
    pub build_machine: String,
    environment: BTreeMap<String, String>,
    store: OnceLock<Store>,
    catalogue: OnceLock<Catalogue>,
}

impl App {
    /// Sets up the process and the terminal, and reads the environment.
    pub fn new(output: &OutputArgs) -> Self {
        // Results must not depend on the user's umask.
        sys::machine::set_umask();
        let cancel = Cancel::default();
        let ui = Ui::new(ui_settings(output));
        if let Err(error) = sys::signals::install(&cancel) {
            ui.warning(format!("Ctrl-C will end this run immediately: {error}"));
        }
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        // Cargo says where the checkout is; a binary that is called directly knows where it was compiled.
        let manifest = environment.get("CARGO_MANIFEST_DIR").map_or(env!("CARGO_MANIFEST_DIR"), String::as_str);
        let checkout = Utf8Path::new(manifest).parent().unwrap_or(Utf8Path::new("/")).to_owned();
        Self {
            ui,
            format: output.format.format(),
            cancel,
            checkout,
            path: environment.get("PATH").cloned().unwrap_or_default(),
            build_machine: sys::machine::build_machine(),
            environment,
            store: OnceLock::new(),
            catalogue: OnceLock::new(),
        }
    }

    /// A variable of the user's environment, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables by which `cargo run` describes this package.
    pub fn set_by_cargo_run(&self) -> Vec<&str> {
        self.environment.keys().map(String::as_str).filter(|name| is_set_by_cargo_run(name)).collect()
    }

    /// The folder that the user is in.
    pub fn current_folder(&self) -> Result<Utf8PathBuf> {
        let folder = std::env::current_dir().context("cannot determine the current folder")?;
        Utf8PathBuf::from_path_buf(folder)
            .map_err(|folder| anyhow::anyhow!("the current folder's path is not UTF-8: {}", folder.display()))
    }

    /// Where the store is, or will be: `XTASK_STORE`, or `cross-build/` in the checkout.
    pub fn store_folder(&self) -> Result<Utf8PathBuf> {
        match self.variable("XTASK_STORE") {
            Some(folder) => Ok(self.current_folder()?.join(folder)),
            None => Ok(self.checkout.join("cross-build")),
        }
    }

    /// The store, opened on first use.
    pub fn store(&self) -> Result<&Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = Store::open(&self.store_folder()?)?;
        Ok(self.store.get_or_init(|| store))
    }

    /// Where packages are put: `XTASK_DIST`, or `dist/` in the checkout.
    pub fn dist_folder(&self) -> Result<Utf8PathBuf> {
        match self.variable("XTASK_DIST") {
            Some(folder) => Ok(self.current_folder()?.join(folder)),
            None => Ok(self.checkout.join("dist")),
        }
    }

    /// Makes `NAME` among the packages a copy of a result: see [`dist::publish`].
    pub fn publish(
        &self,
        name: &str,
        key: Sha256,
        from: &Utf8Path,
        added: Option<&AddedFile<'_>>,
    ) -> Result<(Utf8PathBuf, bool)> {
        dist::publish(&self.dist_folder()?, &self.cancel, name, key, from, added)
    }

    /// The recipes' texts, by path relative to the checkout.
    pub fn recipe_texts(&self) -> Result<Texts> {
        self.texts("recipes", |path| path.extension() == Some("toml"))
    }

    /// The texts of the probes and of their index, by path relative to the checkout.
    pub fn probe_texts(&self) -> Result<Texts> {
        self.texts("recipes/probes", |path| matches!(path.extension(), Some("toml" | "py")))
    }

    /// The recorded results of configure's checks, by path relative to the checkout.
    pub fn configure_cache_texts(&self) -> Result<Texts> {
        let folder = format!("recipes/{}", configure_cache::FOLDER);
        if !self.checkout.join(&folder).is_dir() {
            return Ok(Texts::new());
        }
        self.texts(&folder, |_| true)
    }

    /// What is known about packages of PyPI.
    pub fn package_index(&self) -> Result<Index> {
        Ok(Index::parse(&self.texts("recipes/packages", |path| matches!(path.extension(), Some("toml" | "py")))?)?)
    }

    /// The machine's pip, which installs into the store.
    pub fn pip(&self, offline: bool, upgrade: bool) -> Result<Pip<'_>> {
        let environment = self.pick(&[&NETWORK[..], &PIP].concat());
        Ok(Pip { store: self.store()?, environment, offline, upgrade, cancel: &self.cancel })
    }

    fn texts(&self, folder: &str, wanted: impl Fn(&Utf8Path) -> bool) -> Result<Texts> {
        let mut texts = Texts::new();
        for entry in sys::fs::list_tree(&self.checkout.join(folder)).with_context(|| format!("cannot read {folder}"))? {
            if matches!(entry.kind, sys::fs::Kind::File { .. }) && wanted(&entry.path) {
                let path = Utf8Path::new(folder).join(&entry.path);
                texts.insert(path.to_string(), fs_err::read_to_string(self.checkout.join(&path))?);
            }
        }
        Ok(texts)
    }

    /// All recipes, checked; read on first use.
    pub fn catalogue(&self) -> Result<&Catalogue> {
        if let Some(catalogue) = self.catalogue.get() {
            return Ok(catalogue);
        }
        let catalogue = Catalogue::parse(&self.recipe_texts()?)?;
        Ok(self.catalogue.get_or_init(|| catalogue))
    }

    /// All expectations of test results, checked, by name. Read each time, since `test --accept` writes them.
    pub fn expectations(&self) -> Result<BTreeMap<String, Expectations>> {
        Ok(expectations::parse(&self.recipe_texts()?, self.catalogue()?)?)
    }

    /// The lock.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.checkout.join(LOCK_FILE);
        let text = fs_err::read_to_string(&path).context("hint: `cargo xtask lock --update` creates it")?;
        Ok(Lock::parse(&text)?)
    }

    /// Which sources of inputs may be used. Only bytes that the lock pins, unless the caller says otherwise.
    pub fn policy(&self, offline: bool) -> FetchPolicy {
        let settings = fetch::Settings {
            connect_timeout: CONNECT_TIMEOUT,
            stall_timeout: STALL_TIMEOUT,
            retry_delay: RETRY_DELAY,
            proxies: fetch::Proxies::FromEnvironment,
        };
        FetchPolicy {
            client: fetch::Client::new(settings),
            mirror: self.variable("XTASK_MIRROR").map(str::to_owned),
            offline,
            locked: true,
            network_environment: self.pick(&NETWORK),
            npm_environment: self.pick(&[&NETWORK[..], &NPM].concat()),
        }
    }

    /// How to call cargo.
    pub fn cargo(&self, offline: bool, jobs: usize) -> Cargo {
        let program = self.variable("CARGO").unwrap_or("cargo");
        Cargo { program: program.into(), environment: self.pick(&CARGO), offline, jobs }
    }

    fn pick(&self, names: &[&str]) -> BTreeMap<String, String> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.variable(name)?.to_owned()))).collect()
    }
}

/// Whether `cargo run` sets a variable to describe the package that it starts.
///
/// Another cargo that is started from there must not see it: build scripts that depend on it, such as ring's, would run each time.
pub fn is_set_by_cargo_run(name: &str) -> bool {
    ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name) || name.starts_with("CARGO_PKG_")
}

fn ui_settings(output: &OutputArgs) -> ui::Settings {
    let verbosity = match (output.quiet, output.verbose) {
        (true, _) => ui::Verbosity::Quiet,
        (_, true) => ui::Verbosity::Verbose,
        _ => ui::Verbosity::Normal,
    };
    let format = match output.format.format() {
        Format::Text => ui::Format::Text,
        Format::Json => ui::Format::Json,
    };
    let environment = |name: &str| std::env::var_os(name)?.into_string().ok();
    ui::Settings::from_environment(environment, ui::Terminals::detect(), format, verbosity)
}

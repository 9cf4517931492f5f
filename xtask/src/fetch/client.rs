//! The HTTP client: how long it waits, whom it trusts, through which proxy it goes, and where it lets itself be sent.
//!
//! The environment decides about the network, and reqwest and its verifier read it, not this program:
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` (or in lower case) name proxies. On Linux, `SSL_CERT_FILE` (a
//! PEM file) and `SSL_CERT_DIR` (folders of them) name certificate authorities, and then those of the system do not count
//! (rustls-platform-verifier 0.7 and rustls-native-certs 0.8); elsewhere the system's own settings decide alone.

use std::iter;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::blocking;
use reqwest::{Url, redirect};

const USER_AGENT: &str = concat!("xtask/", env!("CARGO_PKG_VERSION"));
const MAX_REDIRECTS: usize = 10;

/// How patient a client is, and which way it goes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For a connection to stand. Short, since an unreachable place has alternatives: 5 s serve well.
    pub connect_timeout: Duration,
    /// For the answer to begin, and then for each next piece of it. There is no limit for a whole download.
    pub stall_timeout: Duration,
    /// Before the first retry; each further one waits twice as long.
    pub retry_delay: Duration,
    pub proxies: Proxies,
}

/// Which way requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxies {
    /// As the environment says.
    FromEnvironment,
    /// Straight to each server.
    Never,
}

/// An HTTP client for any number of threads. It is made ready at its first request, because reading the system's
/// certificate authorities takes a while and a run that finds everything in place makes no request.
pub struct Client {
    settings: Settings,
    http: OnceLock<Result<blocking::Client, String>>,
}

impl Client {
    pub fn new(settings: Settings) -> Self {
        Self { settings, http: OnceLock::new() }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The client, or why there is none.
    pub(super) fn http(&self) -> Result<&blocking::Client, &str> {
        self.http.get_or_init(|| self.build().map_err(|error| root_cause(&error))).as_ref().map_err(String::as_str)
    }

    fn build(&self) -> reqwest::Result<blocking::Client> {
        // Fails only if there is a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A machine without any certificate authority (a bare container) must not lose its plain mirror because of that.
        self.builder().build().or_else(|_| self.builder().tls_certs_only([]).build())
    }

    fn builder(&self) -> blocking::ClientBuilder {
        let builder = blocking::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(self.settings.connect_timeout)
            // In the blocking client this is the time for headers, and again for each read; not for the whole.
            .timeout(self.settings.stall_timeout)
            .referer(false)
            .redirect(redirect::Policy::custom(|attempt| match objection(attempt.previous(), attempt.url()) {
                Some(reason) => attempt.error(reason),
                None => attempt.follow(),
            }));
        match self.settings.proxies {
            Proxies::FromEnvironment => builder,
            Proxies::Never => builder.no_proxy(),
        }
    }
}

/// What speaks against following a redirect.
pub(super) fn objection(previous: &[Url], next: &Url) -> Option<&'static str> {
    if previous.len() > MAX_REDIRECTS {
        Some("too many redirects")
    } else if previous.iter().any(|url| url.scheme() == "https") && next.scheme() != "https" {
        Some("from `https://` to a connection that anyone can change")
    } else {
        None
    }
}

/// Says whether a URL names this machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

/// The innermost of an error's causes: the operating system's own words, without the layers around them.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

/// An error and what caused it, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    iter::successors(Some(error), |error| error.source())
}

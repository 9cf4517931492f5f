//! `fetch` against a loopback server that misbehaves. No other machine is asked for anything.

mod failures;
mod network;

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use xtask::cancel::Cancel;
use xtask::digest::Sha256;
use xtask::fetch::{self, Artifact, Client, Failure, FetchError, Fetched, Proxies, Settings, Verdict};
use xtask::progress::{Progress, Silent};

use crate::kit::server::{Reply, Server};

const PATH: &str = "/files/x.tar.gz";

/// A server, and a folder for one file.
struct Case {
    server: Server,
    folder: tempfile::TempDir,
    client: Client,
    bytes: Vec<u8>,
}

impl Case {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let server = Server::start();
        server.script(PATH, replies);
        Self { server, folder: tempfile::tempdir().unwrap(), client: client(Proxies::Never), bytes: content() }
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path()).unwrap().join(name)
    }

    fn destination(&self) -> Utf8PathBuf {
        self.path("inputs/x.tar.gz")
    }

    fn partial(&self) -> Utf8PathBuf {
        self.path("inputs/x.tar.gz.partial")
    }

    /// Puts a file where an earlier run would have left it.
    fn leave(&self, path: &Utf8Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn artifact(&self) -> Artifact {
        Artifact {
            file_name: "x.tar.gz".to_owned(),
            size: Some(self.bytes.len() as u64),
            sha256: Sha256::of(&self.bytes),
            mirrors: Vec::new(),
            urls: vec![self.server.url(PATH)],
        }
    }

    fn fetch(&self, artifact: &Artifact) -> Result<Fetched, FetchError> {
        fetch::fetch(&self.client, artifact, &self.destination(), &Cancel::default(), &Silent)
    }

    /// Fetches, and checks that the file is right and nothing is left over.
    #[track_caller]
    fn succeed(&self, artifact: &Artifact) -> Fetched {
        let fetched = self.fetch(artifact).unwrap();
        assert_eq!(fetched.bytes, self.bytes.len() as u64);
        assert!(fs::read(self.destination()).unwrap() == self.bytes, "the file has other bytes");
        assert!(!self.partial().exists(), "the partial file is still there");
        fetched
    }

    /// Fetches, and checks that there is no file then.
    #[track_caller]
    fn fail(&self, artifact: &Artifact) -> FetchError {
        let error = self.fetch(artifact).unwrap_err();
        assert!(!self.destination().exists(), "there is a file");
        error
    }

    /// The `Range` of each request, in order; empty where there was none.
    fn ranges(&self) -> Vec<String> {
        let requests = self.server.requests(PATH);
        requests.iter().map(|request| request.header("Range").unwrap_or_default().to_owned()).collect()
    }
}

/// Long enough for many reads, and different at each place.
fn content() -> Vec<u8> {
    (0..60_000_u32).flat_map(u32::to_le_bytes).collect()
}

pub fn client(proxies: Proxies) -> Client {
    Client::new(Settings {
        connect_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(5),
        retry_delay: Duration::from_millis(1),
        proxies,
    })
}

fn client_with_stall_timeout(milliseconds: u64) -> Client {
    let stall_timeout = Duration::from_millis(milliseconds);
    Client::new(Settings { stall_timeout, ..client(Proxies::Never).settings().clone() })
}

/// Why the sources failed, in their order.
#[track_caller]
fn failures(error: FetchError) -> Vec<Failure> {
    let FetchError::NoSource { attempts, .. } = error else { panic!("{error}") };
    attempts.into_iter().map(|attempt| attempt.failure).collect()
}

fn status(code: u16) -> Failure {
    Failure::Status { code, retry_after: None }
}

/// Remembers every line.
#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Progress for Lines {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

// What goes well.

#[test]
fn a_file_arrives() {
    let case = Case::new([Reply::file(&content())]);
    let fetched = case.succeed(&case.artifact());
    let from = Some(case.server.url(PATH));
    assert_eq!(fetched, Fetched { from, bytes: 240_000, resumed_at: 0, retries: 0, mismatches: Vec::new() });
    let request = &case.server.requests(PATH)[0];
    assert_eq!(request.header("User-Agent"), Some(concat!("xtask/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.header("Accept-Encoding"), Some("identity"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(case.destination()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn a_file_of_unknown_length_arrives() {
    let case = Case::new([Reply::file(&content()).without_length()]);
    case.succeed(&Artifact { size: None, ..case.artifact() });
}

#[test]
fn a_right_file_needs_no_request_and_a_wrong_one_is_replaced() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.destination(), &case.bytes);
    assert_eq!(case.succeed(&case.artifact()).from, None);
    assert_eq!(case.ranges(), [""; 0]);

    case.leave(&case.destination(), b"damaged");
    let verdict = fetch::verify(&case.destination(), &case.artifact()).unwrap();
    assert!(matches!(verdict, Verdict::Wrong(mismatch) if mismatch.found_size == 7));
    let lines = Lines::default();
    fetch::fetch(&case.client, &case.artifact(), &case.destination(), &Cancel::default(), &lines).unwrap();
    assert!(lines.0.lock().unwrap()[0].contains("is removed and downloaded again"));
    assert_eq!(case.succeed(&case.artifact()).from, None);
    assert_eq!(case.ranges(), [""]);
}

#[test]
fn redirects_are_followed() {
    let case = Case::new([Reply::redirect("/second")]);
    case.server.script("/second", [Reply::redirect(&case.server.url("/third"))]);
    case.server.script("/third", [Reply::file(&content()).truncated_after(1000), Reply::file(&content())]);
    assert_eq!(case.succeed(&case.artifact()).retries, 1);
    assert_eq!(case.server.requests("/third")[1].header("Range"), Some("bytes=1000-"));
}

#[test]
fn endless_redirects_end() {
    let case = Case::new([Reply::redirect(PATH)]);
    assert_eq!(failures(case.fail(&case.artifact())), [Failure::Redirect("too many redirects".to_owned())]);
    assert_eq!(case.server.requests(PATH).len(), 11);
}

#[test]
fn two_at_once_download_once() {
    let case = Case::new([Reply::file(&content())]);
    let fetched: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| case.succeed(&case.artifact()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(fetched.iter().filter(|fetched| fetched.from.is_some()).count(), 1);
    assert_eq!(case.server.all_requests().len(), 1);
}

// What was interrupted.

#[test]
fn a_truncated_download_is_continued_at_once() {
    let whole = Reply::file(&content());
    let case = Case::new([whole.clone().truncated_after(100_000), whole.clone().reset_after(50_000), whole]);
    let fetched = case.succeed(&case.artifact());
    assert_eq!(fetched.retries, 2);
    // How much of what was sent before a reset arrives is up to the kernel.
    assert!(fetched.resumed_at >= 100_000, "{}", fetched.resumed_at);
    assert_eq!(case.ranges(), ["", "bytes=100000-", &format!("bytes={}-", fetched.resumed_at)]);
}

#[test]
fn a_truncated_download_of_unknown_length_is_continued() {
    let cut = Reply::file(&content()).without_length().truncated_after(100_000);
    let case = Case::new([cut, Reply::file(&content())]);
    case.succeed(&case.artifact());
    assert_eq!(case.ranges(), ["", "bytes=100000-"]);
}

#[test]
fn a_later_call_continues_what_an_earlier_one_left() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.partial(), &case.bytes[..200_000]);
    assert_eq!(case.succeed(&case.artifact()).resumed_at, 200_000);
    assert_eq!(case.ranges(), ["bytes=200000-"]);
}

#[test]
fn a_partial_file_of_other_bytes_costs_one_more_request() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.partial(), &[7; 1000]);
    assert_eq!(case.succeed(&case.artifact()).resumed_at, 0);
    assert_eq!(case.ranges(), ["bytes=1000-", ""]);
}

#[test]
fn a_complete_partial_file_needs_no_request() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.partial(), &case.bytes);
    assert_eq!(case.succeed(&Artifact { size: None, ..case.artifact() }).from, None);
    assert_eq!(case.ranges(), [""; 0]);
}

#[test]
fn a_partial_file_that_is_too_long_is_not_continued() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.partial(), &[&case.bytes[..], b"more"].concat());
    case.succeed(&case.artifact());
    assert_eq!(case.ranges(), [""]);
}

#[test]
fn a_range_that_is_not_satisfiable_restarts_from_zero() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.partial(), &[&case.bytes[..], b"more"].concat());
    case.succeed(&Artifact { size: None, ..case.artifact() });
    assert_eq!(case.ranges(), ["bytes=240004-", ""]);
}

#[test]
fn an_answer_with_another_range_restarts_from_zero() {
    for wrong in ["bytes 0-239999/240000", "bytes 1000-239999/250000", "nonsense", ""] {
        let case = Case::new([Reply::file(&content()).header("Content-Range", wrong), Reply::file(&content())]);
        case.leave(&case.partial(), &case.bytes[..1000]);
        case.succeed(&case.artifact());
        assert_eq!(case.ranges(), ["bytes=1000-", ""], "{wrong}");
    }
}

#[test]
fn a_server_without_ranges_sends_everything_again() {
    let case = Case::new([Reply::file(&content()).without_ranges()]);
    case.leave(&case.partial(), &case.bytes[..1000]);
    assert_eq!(case.succeed(&case.artifact()).resumed_at, 0);
    assert_eq!(case.ranges(), ["bytes=1000-"]);
}

#[test]
fn a_stalled_download_is_tried_again() {
    let replies = [Reply::silence(), Reply::file(&content()).stalled_after(1000), Reply::file(&content())];
    let case = Case { client: client_with_stall_timeout(500), ..Case::new(replies) };
    let fetched = case.succeed(&case.artifact());
    // A busy machine may stall once more on its own.
    assert!(fetched.retries >= 2 && fetched.resumed_at >= 1000, "{fetched:?}");
}

#[test]
fn a_download_that_stalls_forever_ends() {
    let case = Case { client: client_with_stall_timeout(50), ..Case::new([Reply::silence()]) };
    assert_eq!(failures(case.fail(&case.artifact())), [Failure::Stalled(Duration::from_millis(50))]);
}

#[test]
fn cancellation_works_during_a_stall_and_loses_nothing() {
    let case = Case::new([Reply::file(&content()).stalled_after(1000)]);
    let cancel = Cancel::default();
    let error = thread::scope(|scope| {
        let run = scope
            .spawn(|| fetch::fetch(&case.client, &case.artifact(), &case.destination(), &cancel, &Silent).unwrap_err());
        while fs::metadata(case.partial()).map_or(0, |metadata| metadata.len()) < 1000 {
            thread::sleep(Duration::from_millis(5));
        }
        cancel.cancel();
        run.join().unwrap()
    });
    assert!(matches!(error, FetchError::Cancelled(_)), "{error}");
    case.server.script(PATH, [Reply::file(&content())]);
    assert_eq!(case.succeed(&case.artifact()).resumed_at, 1000);
}

#[test]
fn cancellation_works_while_another_run_downloads() {
    let case = Case::new([Reply::file(&content())]);
    case.leave(&case.path("inputs/x.tar.gz.lock"), b"");
    let lock = fs::File::open(case.path("inputs/x.tar.gz.lock")).unwrap();
    lock.lock().unwrap();
    let cancel = Cancel::default();
    let waiting = CancelAtFirstLine(cancel.clone(), Lines::default());
    let error = fetch::fetch(&case.client, &case.artifact(), &case.destination(), &cancel, &waiting).unwrap_err();
    assert!(matches!(error, FetchError::Cancelled(_)), "{error}");
    assert_eq!(*waiting.1.0.lock().unwrap(), ["waiting for another run that downloads `x.tar.gz`"]);
}

struct CancelAtFirstLine(Cancel, Lines);

impl Progress for CancelAtFirstLine {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        self.1.line(line);
        self.0.cancel();
    }
}

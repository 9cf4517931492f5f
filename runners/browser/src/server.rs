//! Serves the page: the harness, the package, directories of this machine, and the guest's streams.
//!
//! It listens on the loopback address, and answers only requests with the token in the path, which only the page knows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::directories::{Packed, below, list};
use runner_shared::arguments::Directory;
use runner_shared::failure::Failure;
use runner_shared::http::{ISOLATION, Request, Response, Service, content_type, percent_decode};

/// How much of stdin one request takes.
const STDIN_SIZE: usize = 65536;
/// How often a request that waits for stdin checks for an interrupt.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// The page and what it loads, which are part of this program.
const HARNESS: [(&str, &str); 4] = [
    ("page.html", include_str!("../harness/page.html")),
    ("page.mjs", include_str!("../harness/page.mjs")),
    ("worker.mjs", include_str!("../harness/worker.mjs")),
    ("files.mjs", include_str!("../harness/files.mjs")),
];

/// One run of a guest, as the page asks for it.
pub struct Exchange {
    pub directories: Vec<Directory>,
    /// Stdout, stderr, and the files that are written through.
    pub outputs: Vec<File>,
    /// Whether the guest has this process's stdin, or none.
    pub has_stdin: bool,
}

/// A server that runs.
pub struct Server {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    token: String,
    host: String,
    package: PathBuf,
    runs: Mutex<BTreeMap<u64, Arc<Exchange>>>,
    packs: Mutex<Vec<Arc<Packed>>>,
    interrupted: AtomicBool,
}

impl Server {
    /// Starts one for the package in a folder.
    pub fn start(package: &Path) -> Result<Self, Failure> {
        let cannot = |error: String| {
            Failure::host(
                format!("cannot serve files on this machine: {error}"),
                "allow this process to listen on 127.0.0.1",
            )
        };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| cannot(error.to_string()))?;
        listener.set_nonblocking(true).map_err(|error| cannot(error.to_string()))?;
        let host = listener.local_addr().map_err(|error| cannot(error.to_string()))?.to_string();
        let mut random = [0; 16];
        File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(&mut random))
            .map_err(|error| cannot(format!("/dev/urandom: {error}")))?;
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let address = format!("http://{host}/{token}/");
        let shared = Arc::new(Shared {
            token,
            host,
            package: package.to_owned(),
            runs: Mutex::default(),
            packs: Mutex::default(),
            interrupted: AtomicBool::new(false),
        });
        let answering = Arc::clone(&shared);
        // It answers for as long as this process lives.
        std::thread::spawn(move || {
            let answer = |request: &Request| answering.answer(request);
            Service { longest_body: u64::MAX, is_stopped: &|| false, answer: &answer }.run(&listener);
        });
        Ok(Self { address, shared })
    }

    /// Lets the page ask for what belongs to a run.
    pub fn open(&self, run: u64, exchange: Exchange) {
        self.shared.interrupted.store(false, Ordering::Relaxed);
        self.shared.runs.lock().expect("no thread panics while it holds this").insert(run, Arc::new(exchange));
    }

    /// Forgets a run.
    pub fn close(&self, run: u64) {
        self.shared.runs.lock().expect("no thread panics while it holds this").remove(&run);
    }

    /// The number of a packed directory; packs it on first use.
    pub fn pack(&self, directory: &Path) -> io::Result<usize> {
        let mut packs = self.shared.packs.lock().expect("no thread panics while it holds this");
        if let Some(known) = packs.iter().position(|pack| pack.directory == directory) {
            return Ok(known);
        }
        packs.push(Arc::new(Packed::new(directory)?));
        Ok(packs.len() - 1)
    }

    /// Ends waiting for stdin, once.
    pub fn interrupt(&self) {
        self.shared.interrupted.store(true, Ordering::Relaxed);
    }
}

/// What is answered.
struct Answer {
    status: u16,
    kind: &'static str,
    body: Box<dyn Read + Send>,
    size: u64,
}

impl Answer {
    fn new(status: u16, kind: &'static str, bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        Self { status, kind, body: Box::new(io::Cursor::new(bytes)), size }
    }

    fn empty(status: u16) -> Self {
        Self::new(status, "text/plain; charset=utf-8", Vec::new())
    }

    fn failed(error: &io::Error) -> Self {
        let status = if error.kind() == io::ErrorKind::NotFound { 404 } else { 500 };
        Self::new(status, "text/plain; charset=utf-8", error.to_string().into_bytes())
    }
}

impl Shared {
    fn answer(&self, request: &Request) -> Response {
        let Answer { status, kind, body, size } = self.find(request);
        let mut headers = vec![("Content-Type", kind.to_owned()), ("Cache-Control", "no-cache".to_owned())];
        headers.extend(ISOLATION.map(|(name, value)| (name, value.to_owned())));
        Response { status, headers, body, size }
    }

    fn find(&self, request: &Request) -> Answer {
        if request.header("host") != Some(self.host.as_str()) {
            return Answer::empty(403);
        }
        let Some(path) =
            request.path().strip_prefix('/').and_then(|path| path.strip_prefix(&self.token)?.strip_prefix('/'))
        else {
            return Answer::empty(403);
        };
        let (verb, rest) = path.split_once('/').unwrap_or((path, ""));
        match (request.method.as_str(), verb) {
            ("GET", "package") => file(&self.package, rest),
            ("GET", "pack") => self.pack(rest),
            ("GET", "directory") => self.directory(rest),
            ("GET", "stdin") => self.stdin(rest),
            ("POST", "output") => self.output(rest, request),
            ("GET", _) => {
                let file = if path.is_empty() { "page.html" } else { path };
                match HARNESS.iter().find(|(name, _)| *name == file) {
                    Some((name, text)) => Answer::new(200, content_type(name), text.as_bytes().to_vec()),
                    None => Answer::empty(404),
                }
            }
            _ => Answer::empty(405),
        }
    }

    fn run(&self, number: &str) -> Option<Arc<Exchange>> {
        self.runs.lock().expect("no thread panics while it holds this").get(&number.parse().ok()?).cloned()
    }

    fn pack(&self, rest: &str) -> Answer {
        let Some((number, what)) = rest.split_once('/') else { return Answer::empty(404) };
        let packs = self.packs.lock().expect("no thread panics while it holds this");
        let Some(pack) = number.parse().ok().and_then(|number: usize| packs.get(number)) else {
            return Answer::empty(404);
        };
        match what {
            "index" => Answer::new(200, "application/json", pack.index().to_string().into_bytes()),
            "data" => {
                Answer { status: 200, kind: "application/octet-stream", body: Box::new(pack.data()), size: pack.size() }
            }
            _ => Answer::empty(404),
        }
    }

    /// `RUN/DIRECTORY/list/PATH` or `RUN/DIRECTORY/file/PATH`.
    fn directory(&self, rest: &str) -> Answer {
        let mut words = rest.splitn(4, '/');
        let mut word = || words.next().unwrap_or_default();
        let (run, number, what, path) = (self.run(word()), word().parse::<usize>(), word(), word());
        let (Some(run), Ok(number), Some(path)) = (run, number, percent_decode(path)) else {
            return Answer::empty(404);
        };
        let Some(directory) = run.directories.get(number) else { return Answer::empty(404) };
        let Some(place) = below(&directory.host, &path) else { return Answer::empty(403) };
        match what {
            "list" => match list(&place) {
                Ok(entries) => Answer::new(200, "application/json", entries.to_string().into_bytes()),
                Err(error) => Answer::failed(&error),
            },
            "file" => open(&place, "application/octet-stream"),
            _ => Answer::empty(404),
        }
    }

    /// Waits for stdin: 200 with the data, which is empty at the end; 205 if the guest should be interrupted.
    fn stdin(&self, run: &str) -> Answer {
        match self.run(run) {
            None => return Answer::empty(404),
            Some(run) if !run.has_stdin => return Answer::empty(200),
            Some(_) => {}
        }
        let stdin = rustix::stdio::stdin();
        loop {
            if self.interrupted.swap(false, Ordering::Relaxed) {
                return Answer::empty(205);
            }
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                _ => break,
            }
        }
        let mut buffer = vec![0; STDIN_SIZE];
        match rustix::io::read(stdin, &mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                Answer::new(200, "application/octet-stream", buffer)
            }
            Err(error) => Answer::failed(&error.into()),
        }
    }

    /// `RUN/NUMBER`: 410 if it is no longer read.
    fn output(&self, rest: &str, request: &Request) -> Answer {
        let Some((run, number)) = rest.split_once('/') else { return Answer::empty(404) };
        let (Some(run), Ok(number)) = (self.run(run), number.parse::<usize>()) else { return Answer::empty(404) };
        let Some(mut output) = run.outputs.get(number) else { return Answer::empty(404) };
        match output.write_all(&request.body) {
            Ok(()) => Answer::empty(200),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Answer::empty(410),
            Err(error) => Answer::failed(&error),
        }
    }
}

fn file(folder: &Path, path: &str) -> Answer {
    match percent_decode(path).and_then(|path| below(folder, &path)) {
        Some(place) => open(&place, content_type(path)),
        None => Answer::empty(403),
    }
}

fn open(path: &Path, kind: &'static str) -> Answer {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    match opened {
        Ok((metadata, file)) if metadata.is_file() => {
            let size = metadata.len();
            // One that grows meanwhile must not be longer than was said.
            Answer { status: 200, kind, body: Box::new(file.take(size)), size }
        }
        Ok(_) => Answer::empty(404),
        Err(error) => Answer::failed(&error),
    }
}

#[cfg(test)]
mod tests;

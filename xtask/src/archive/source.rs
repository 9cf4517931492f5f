//! An archive file as a stream of tar bytes: detects the format, decompresses, counts.
//!
//! It knows nothing about the entries.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use camino::Utf8Path;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;

use super::UnpackError;
use crate::progress::Progress;

/// An archive that is open for reading.
pub(super) struct Source {
    pub(super) decompressed: Decompressed,
    pub(super) meter: Rc<Meter>,
    /// In a Debian package `/` is the folder that it is unpacked into.
    pub(super) slash_is_root: bool,
}

/// The tar bytes of an archive.
pub(super) struct Decompressed {
    ahead: Ahead,
    meter: Rc<Meter>,
}

/// How far the reading has come, and may go.
pub(super) struct Meter {
    /// Compressed bytes: read, in all, and read when the listener was last told.
    read: Arc<AtomicU64>,
    total: u64,
    reported: Cell<u64>,
    /// Tar bytes that may still be read.
    allowed: Cell<u64>,
    ended: Cell<bool>,
}

/// What one entry may have beside its data, in bytes: headers, long names, PAX records. The tar reader holds them in memory.
const MAX_HEADERS: u64 = 1 << 20;

/// Enough for every preset of xz; a hostile dictionary size cannot take more.
const XZ_MEMORY: u64 = 256 << 20;

const AR_MAGIC: &[u8] = b"!<arch>\n";

/// Opens an archive of any format that is supported.
pub(super) fn open(archive: &Utf8Path) -> Result<Source, UnpackError> {
    let io = |source| UnpackError::Io { action: "open", path: archive.to_owned(), source };
    let unreadable = |error| unreadable(archive, error);
    let unsupported = |format| UnpackError::Unsupported { archive: archive.to_owned(), format };

    let mut file = File::open(archive).map_err(io)?;
    let mut total = file.metadata().map_err(io)?.len();
    let mut magic = peek(&mut file).map_err(unreadable)?;
    let slash_is_root = magic.starts_with(AR_MAGIC);
    if slash_is_root {
        total = seek_data_member(&mut file).map_err(unreadable)?.ok_or(unsupported("an ar archive, but no package"))?;
        magic = peek(&mut file).map_err(unreadable)?;
    }
    let read = Arc::new(AtomicU64::new(0));
    let compressed = BufReader::with_capacity(64 << 10, Counted { inner: file.take(total), read: Arc::clone(&read) });
    let ahead = match magic.as_slice() {
        [0x1f, 0x8b, ..] => Ahead::new(GzDecoder::new(compressed)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let stream = Stream::new_stream_decoder(XZ_MEMORY, 0).map_err(|error| io(error.into()))?;
            Ahead::new(XzDecoder::new_stream(compressed, stream))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(unsupported("compressed with zstd")),
        [b'B', b'Z', b'h', ..] => return Err(unsupported("compressed with bzip2")),
        [b'P', b'K', 3, 4, ..] => return Err(unsupported("a zip file")),
        header if header.get(257..262) == Some(b"ustar") => Ahead::new(compressed),
        _ => return Err(unsupported("no archive")),
    };
    let (reported, allowed, ended) = (Cell::new(0), Cell::new(MAX_HEADERS), Cell::new(false));
    let meter = Rc::new(Meter { read, total, reported, allowed, ended });
    Ok(Source { decompressed: Decompressed { ahead, meter: Rc::clone(&meter) }, meter, slash_is_root })
}

/// Distinguishes a failing disk from a damaged archive: what the decoders and the tar reader find has no error number.
pub(super) fn unreadable(archive: &Utf8Path, source: io::Error) -> UnpackError {
    let path = archive.to_owned();
    match source.raw_os_error() {
        Some(_) => UnpackError::Io { action: "read", path, source },
        None if source.kind() == io::ErrorKind::UnexpectedEof => {
            UnpackError::Corrupt { archive: path, reason: "it ends too early".to_owned() }
        }
        None => UnpackError::Corrupt { archive: path, reason: source.to_string() },
    }
}

impl Meter {
    /// Allows reading an entry with this many bytes of data, and the headers of the next one.
    pub(super) fn allow(&self, bytes: u64) {
        self.allowed.set(bytes.saturating_add(MAX_HEADERS));
    }

    /// Says whether the stream is at its end.
    pub(super) fn ended(&self) -> bool {
        self.ended.get()
    }

    /// Reports progress, at most about a hundred times in all.
    pub(super) fn report(&self, progress: &dyn Progress) {
        let read = self.read.load(Ordering::Relaxed);
        if read - self.reported.get() > self.total / 100 {
            self.reported.set(read);
            progress.advance(read, Some(self.total));
        }
    }

    /// Reports that everything was read.
    pub(super) fn report_all(&self, progress: &dyn Progress) {
        progress.advance(self.total, Some(self.total));
    }
}

impl Read for Decompressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.ahead.read(buffer)?;
        self.meter.ended.set(length == 0 && !buffer.is_empty());
        let allowed = self.meter.allowed.get().checked_sub(length as u64);
        self.meter.allowed.set(allowed.ok_or_else(|| io::Error::other("an entry has more than 1 MiB of headers"))?);
        Ok(length)
    }
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// A reader that works ahead on its own thread, so that decompressing and writing overlap.
struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    position: usize,
}

impl Ahead {
    const CHUNK: u64 = 256 << 10;

    fn new(mut reader: impl Read + Send + 'static) -> Self {
        let (sender, chunks) = mpsc::sync_channel(8);
        thread::spawn(move || {
            loop {
                let mut chunk = Vec::new();
                let result = reader.by_ref().take(Self::CHUNK).read_to_end(&mut chunk).map(|_| chunk);
                let last = !matches!(&result, Ok(chunk) if !chunk.is_empty());
                // It fails when the archive is given up.
                if sender.send(result).is_err() || last {
                    break;
                }
            }
        });
        Self { chunks, chunk: Vec::new(), position: 0 }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.chunk.len() {
            // After the last chunk, the sender is gone: that is the end again.
            self.chunk = self.chunks.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
            self.position = 0;
        }
        let length = buffer.len().min(self.chunk.len() - self.position);
        buffer[..length].copy_from_slice(&self.chunk[self.position..self.position + length]);
        self.position += length;
        Ok(length)
    }
}

/// The next bytes of the file, enough to detect every format. The position does not change.
fn peek(file: &mut File) -> io::Result<Vec<u8>> {
    let position = file.stream_position()?;
    let mut bytes = Vec::new();
    file.take(512).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(position))?;
    Ok(bytes)
}

/// Goes to the data of a Debian package and says how long it is; `None` if the file is some other ar archive.
/// Format: <https://manpages.debian.org/deb.5>, which allows only the plainest form of ar.
fn seek_data_member(file: &mut File) -> io::Result<Option<u64>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a member header of the package is malformed");
    file.seek(SeekFrom::Start(AR_MAGIC.len() as u64))?;
    let mut first = true;
    loop {
        let mut header = [0; 60];
        file.read_exact(&mut header)?;
        let header = str::from_utf8(&header).ok().filter(|header| header.ends_with("`\n")).ok_or_else(damaged)?;
        let name = header[..16].trim_end().trim_end_matches('/');
        let size: u32 = header[48..58].trim_end().parse().map_err(|_| damaged())?;
        if std::mem::take(&mut first) != (name == "debian-binary") {
            return Ok(None);
        }
        if name.starts_with("data.tar") {
            return Ok(Some(size.into()));
        }
        file.seek(SeekFrom::Current(i64::from(size) + i64::from(size % 2)))?;
    }
}

//! What `archive` unpacks, and a corpus of archives that attack: each is refused by name, and nothing outside the root changes.

mod attacks;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::archive::{self, Layout, Limits, Options, UnpackError, Unpacked};
use xtask::cancel::Cancel;
use xtask::progress::{Progress, Silent};

const TIME: u64 = 1_000_000_000;
const SMALL: Limits = Limits { entries: 100, bytes: 1 << 20 };

/// A tar archive, made of raw headers: no well-behaved builder writes most of these.
#[derive(Clone, Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn raw(mut self, kind: u8, name: &[u8], link: &str, data: &[u8], tweak: impl FnOnce(&mut tar::Header)) -> Self {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.as_old_mut().linkflag = [kind];
        header.set_mode(0o644);
        header.set_mtime(TIME);
        header.set_size(data.len() as u64);
        tweak(&mut header);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn entry(self, kind: u8, name: &str, link: &str, data: &str) -> Self {
        self.raw(kind, name.as_bytes(), link, data.as_bytes(), |_| {})
    }

    fn file(self, name: &str, data: &str) -> Self {
        self.entry(b'0', name, "", data)
    }

    fn hard(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name, target, "")
    }

    fn link(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, "")
    }

    fn folder(self, name: &str) -> Self {
        self.entry(b'5', name, "", "")
    }

    /// A PAX record for the next entry (`x`) or for all later ones (`g`).
    fn record(self, kind: u8, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let length = (1..).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
        self.entry(kind, "record", "", &format!("{length}{rest}"))
    }

    fn pax(self, key: &str, value: &str) -> Self {
        self.record(b'x', key, value)
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

fn tar() -> Tar {
    Tar::default()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ar::Builder::new(Vec::new());
    for (name, data) in members {
        builder.append(&ar::Header::new(name.as_bytes().to_vec(), data.len() as u64), *data).unwrap();
    }
    builder.into_inner().unwrap()
}

fn deb(data_name: &str, data: &[u8]) -> Vec<u8> {
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.xz", &xz(b"odd")), (data_name, data)])
}

/// A folder to unpack into, among things that must not change.
struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let sandbox = Self { folder: tempfile::tempdir().unwrap() };
        let outside = sandbox.outside();
        for folder in ["root", "etc", "root-twin"] {
            fs::create_dir(outside.join(folder)).unwrap();
        }
        for file in ["secret", "x", "etc/passwd", "root-twin/x"] {
            fs::write(outside.join(file), file).unwrap();
        }
        sandbox
    }

    fn outside(&self) -> Utf8PathBuf {
        Utf8PathBuf::try_from(self.folder.path().canonicalize().unwrap()).unwrap()
    }

    fn root(&self) -> Utf8PathBuf {
        self.outside().join("root")
    }

    fn unpack_with(&self, bytes: &[u8], options: &Options) -> Result<Unpacked, UnpackError> {
        let archive = self.outside().join("archive");
        fs::write(&archive, bytes).unwrap();
        let result = archive::unpack(&archive, &self.root(), options, &Cancel::default(), &Silent);
        fs::remove_file(&archive).unwrap();
        result
    }

    fn unpack(&self, bytes: &[u8]) -> Result<Unpacked, UnpackError> {
        self.unpack_with(bytes, &Options { layout: Layout::AsIs, limits: SMALL, exclude: Vec::new(), keep: Vec::new() })
    }

    fn strip(&self, top: Option<&str>, tar: Tar) -> Result<Unpacked, UnpackError> {
        self.unpack_with(
            &tar.end(),
            &Options {
                layout: Layout::StripTop(top.map(str::to_owned)),
                limits: SMALL,
                exclude: Vec::new(),
                keep: Vec::new(),
            },
        )
    }

    /// Everything outside the root: kind, mode, number of names, times, content.
    fn surroundings(&self) -> BTreeMap<Utf8PathBuf, String> {
        let mut all = walk(&self.outside());
        all.retain(|path| !path.starts_with(self.root()) && *path != self.outside());
        let describe = |path: &Utf8PathBuf| {
            let meta = path.symlink_metadata().unwrap();
            let content = fs::read(path).unwrap_or_default();
            format!("{:o} {} {} {} {content:?}", meta.mode(), meta.nlink(), meta.mtime(), meta.mtime_nsec())
        };
        all.into_iter().map(|path| (path.clone(), describe(&path))).collect()
    }

    /// The tree below the root, a line for each: path, then `mode content`, `mode/` or `-> target`.
    fn tree(&self) -> Vec<String> {
        let root = self.root();
        let describe = |path: &Utf8PathBuf| {
            let (name, meta) = (path.strip_prefix(&root).unwrap(), path.symlink_metadata().unwrap());
            let mode = meta.mode() & 0o7777;
            match () {
                () if meta.is_symlink() => format!("{name} -> {}", path.read_link_utf8().unwrap()),
                () if meta.is_dir() => format!("{name} {mode:o}/"),
                () => format!("{name} {mode:o} {}", fs::read_to_string(path).unwrap()),
            }
        };
        walk(&root).iter().skip(1).map(describe).collect()
    }
}

/// A path and everything below it, sorted, without following links.
fn walk(path: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut all = vec![path.to_owned()];
    if path.symlink_metadata().unwrap().is_dir() {
        all.extend(path.read_dir_utf8().unwrap().flat_map(|entry| walk(entry.unwrap().path())));
    }
    all.sort();
    all
}

#[test]
fn attacks_are_refused_and_nothing_outside_changes() {
    for (attack, tar, message) in attacks::corpus() {
        let tar = tar.end();
        for (format, bytes) in [("tar", tar.clone()), ("gz", gz(&tar)), ("xz", xz(&tar))] {
            let sandbox = Sandbox::new();
            fs::write(sandbox.root().join("older"), "").unwrap();
            let before = sandbox.surroundings();
            let error = sandbox.unpack(&bytes).expect_err(attack);
            assert!(error.to_string().ends_with(message), "{attack} ({format}): {error}");
            assert_eq!(sandbox.surroundings(), before, "{attack} ({format})");
            for link in walk(&sandbox.root()).iter().filter(|path| path.is_symlink()) {
                let inside = link.canonicalize_utf8().is_ok_and(|real| real.starts_with(sandbox.root()));
                assert!(inside || !link.exists(), "{attack} ({format}) left the link {link}");
            }
        }
    }
}

#[test]
fn a_link_to_the_outside_is_never_followed() {
    let sandbox = Sandbox::new();
    symlink("..", sandbox.root().join("out")).unwrap();
    symlink("../secret", sandbox.root().join("file")).unwrap();
    let before = sandbox.surroundings();
    for attack in [tar().file("out/x", "!"), tar().folder("out"), tar().link("out/l", "x"), tar().hard("h", "out/x")] {
        let error = sandbox.unpack(&attack.end()).unwrap_err().to_string();
        assert!(error.ends_with("lies behind the link `out`, which leads outside the root"), "{error}");
    }
    sandbox.unpack(&tar().file("file", "mine").file("out", "mine").end()).unwrap();
    assert_eq!(sandbox.tree(), ["file 644 mine", "out 644 mine"]);
    assert_eq!(sandbox.surroundings(), before);
}

#[test]
fn a_source_tree_is_unpacked_as_it_is() {
    let long = format!("{}/{}", "folder".repeat(20), "file".repeat(40));
    let mode = |mode| move |header: &mut tar::Header| header.set_mode(mode);
    let archive = tar()
        .record(b'g', "comment", "a commit")
        .folder("./")
        .raw(b'5', b"./locked/", "", b"", mode(0o555))
        .file("./locked/in", "1")
        .raw(b'5', b"sticky", "", b"", mode(0o7777))
        .raw(b'0', b"tool", "", b"2", mode(0o4710))
        .raw(b'0', b"secret", "", b"3", mode(0o6600))
        .raw(b'\0', b"old", "", b"4", mode(0o444))
        .file("old", "4")
        .folder("sticky")
        .file("a/b/implied", "5")
        .file("grüße/😀", "6")
        .file("Case", "7")
        .file("case", "8")
        .hard("a/again", "./tool")
        .link("a/up", "../tool")
        .link("a/up", "../tool")
        .link("here", "a/b")
        .file("here/through", "9")
        .link("dangling", "./not/yet")
        .pax("path", &long)
        .file("short", "10");
    for bytes in [archive.clone().end(), gz(&archive.clone().end()), xz(&archive.clone().end())] {
        let sandbox = Sandbox::new();
        let garbage = [&bytes[..], b"garbage"].concat();
        assert_eq!(sandbox.unpack(&garbage).unwrap(), Unpacked { entries: 20, bytes: 12 });
        let expected = [
            "Case 644 7",
            "a 755/",
            "a/again 755 2",
            "a/b 755/",
            "a/b/implied 644 5",
            "a/b/through 644 9",
            "a/up -> ../tool",
            "case 644 8",
            "dangling -> ./not/yet",
            &format!("{} 755/", "folder".repeat(20)),
            &format!("{long} 644 10"),
            "grüße 755/",
            "grüße/😀 644 6",
            "here -> a/b",
            "locked 755/",
            "locked/in 644 1",
            "old 644 4",
            "secret 644 3",
            "sticky 755/",
            "tool 755 2",
        ];
        assert_eq!(sandbox.tree(), expected);
        let root = sandbox.root();
        for dated in [&root, &root.join("locked"), &root.join("locked/in"), &root.join("a/again")] {
            assert_eq!(dated.metadata().unwrap().mtime(), TIME as i64, "{dated}");
        }
        assert_eq!(root.join("tool").metadata().unwrap().ino(), root.join("a/again").metadata().unwrap().ino());
    }
}

#[test]
fn one_top_level_folder_can_be_stripped() {
    let source =
        || tar().folder("./").folder("py-1/").file("./py-1/f", "1").hard("py-1/h", "py-1/f").link("py-1/l", "f");
    for top in [None, Some("py-1")] {
        let sandbox = Sandbox::new();
        sandbox.strip(top, source()).unwrap();
        assert_eq!(sandbox.tree(), ["f 644 1", "h 644 1", "l -> f"]);
    }
    for (top, tar, message) in [
        (Some("py-2"), source(), "`py-1/` is not in the top-level folder `py-2`"),
        (None, source().file("py-2/f", ""), "`py-2/f` is not in the top-level folder `py-1`"),
        (None, source().hard("py-1/g", "f"), "`py-1/g` is not in the top-level folder `py-1`"),
        (None, source().link("py-1/out", "../py-1/f"), "`py-1/out` links to a place outside the root"),
        (None, tar().file("py-1", ""), "`py-1` would replace the folder that is unpacked into"),
    ] {
        let error = Sandbox::new().strip(top, tar).unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }
}

#[test]
fn packages_share_a_root_and_call_it_slash() {
    let sandbox = Sandbox::new();
    let first =
        tar().folder("./").folder("./usr").file("./usr/tool", "1").link("./usr/lib", "/share").file("./share/f", "2");
    let first = first.link("./usr/root", "/").link("./top", "/").link("./conf", "share/f");
    let second =
        tar().folder("./usr/").file("./usr/tool", "3").folder("./usr/lib").file("./usr/lib/g", "4").file("./conf", "5");
    sandbox.unpack(&deb("data.tar.xz", &xz(&first.end()))).unwrap();
    sandbox.unpack(&deb("data.tar.gz/", &gz(&second.end()))).unwrap();
    sandbox.unpack(&deb("data.tar", &tar().folder("./empty").end())).unwrap();
    let expected = [
        "conf 644 5",
        "empty 755/",
        "share 755/",
        "share/f 644 2",
        "share/g 644 4",
        "top -> .",
        "usr 755/",
        "usr/lib -> ../share",
        "usr/root -> ..",
        "usr/tool 644 3",
    ];
    assert_eq!(sandbox.tree(), expected);
    let relink = tar().file("usr/root/through", "6").link("usr/root", "../empty").file("usr/root/anew", "7");
    sandbox.unpack(&deb("data.tar", &relink.end())).unwrap();
    assert!(sandbox.root().join("through").exists() && sandbox.root().join("empty/anew").exists());
    for target in ["../../etc", "/../etc", "/usr/../../etc"] {
        let error = sandbox.unpack(&deb("data.tar", &tar().link("a/l", target).end())).unwrap_err();
        assert!(matches!(&error, UnpackError::Refused { entry, .. } if entry == "a/l"), "{error}");
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0];
    for (bytes, message) in [
        (&b""[..], "is no archive"),
        (&[0; 10240], "is no archive"),
        (b"<html>404</html>", "is no archive"),
        (b"PK\x03\x04", "is a zip file"),
        (b"BZh91AY", "is compressed with bzip2"),
        (&zstd, "is compressed with zstd: only tar, tar.gz, tar.xz and .deb can be unpacked"),
        (&deb("data.tar.zst", &zstd), "is compressed with zstd"),
        (&ar(&[("object.o", b"")]), "is an ar archive, but no package"),
        (&ar(&[("debian-binary", b"2.0\n")]), "is damaged: it ends too early"),
        (b"!<arch>\n/99             0           0     0     100644  0         x\n", "is damaged: a member header"),
        (&gz(b""), "is damaged: it stops before the end mark"),
        (&gz(&[0; 10240]), "is damaged: there is nothing in it"),
    ] {
        let error = Sandbox::new().unpack(bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// Bytes that do not compress, always the same (xorshift).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let plain = tar().folder("d").raw(b'0', b"d/f", "", &noise(1500), |_| {}).file("g", "!").end();
    let padded = gz(&[plain.clone(), vec![0; (512 << 10) - plain.len()]].concat());
    let (gz, xz) = (gz(&plain), xz(&plain));
    let deb = deb("data.tar.xz", &xz);
    let sandbox = Sandbox::new();
    let fails = |bytes: &[u8], what: &str| {
        let error = sandbox.unpack(bytes).expect_err(what);
        let named = matches!(error, UnpackError::Corrupt { .. } | UnpackError::Unsupported { .. });
        assert!(named, "{what}: {error}");
    };
    // A tar archive is whole from its first zero block on.
    for (format, bytes, end) in
        [("tar", &plain, plain.len() - 513), ("gz", &gz, gz.len()), ("xz", &xz, xz.len()), ("deb", &deb, deb.len())]
    {
        sandbox.unpack(bytes).unwrap();
        (0..end)
            .step_by(5)
            .chain([end - 1])
            .for_each(|length| fails(&bytes[..length], &format!("{format} cut at {length}")));
    }
    // A flipped bit inside a gzip stream can be harmless: it may copy other bytes that are the same.
    for (format, bytes, start) in [("gz", &gz, gz.len() - 8), ("padded gz", &padded, padded.len() - 8), ("xz", &xz, 0)]
    {
        for index in start..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[index] ^= 1 << (index % 8);
            fails(&flipped, &format!("{format} flipped at {index}"));
        }
    }
}

/// Records progress, and cancels immediately.
#[derive(Default)]
struct Listener(Mutex<Vec<(u64, u64)>>, Cancel);

impl Progress for Listener {
    fn advance(&self, done: u64, total: Option<u64>) {
        self.0.lock().unwrap().push((done, total.unwrap()));
        self.1.cancel();
    }

    fn line(&self, _line: &str) {}
}

#[test]
fn it_tells_how_far_it_is_and_stops_when_asked() {
    let sandbox = Sandbox::new();
    let archive = sandbox.outside().join("archive");
    let bytes = gz(&tar().raw(b'0', b"big", "", &noise(4 << 20), |_| {}).file("last", "").end());
    fs::write(&archive, &bytes).unwrap();
    let options = Options { layout: Layout::AsIs, limits: Limits::default(), exclude: Vec::new(), keep: Vec::new() };

    let listener = Listener::default();
    archive::unpack(&archive, &sandbox.root(), &options, &Cancel::default(), &listener).unwrap();
    let told = listener.0.into_inner().unwrap();
    assert!(told.is_sorted() && told.len() < 110, "{told:?}");
    assert_eq!(told.last(), Some(&(bytes.len() as u64, bytes.len() as u64)));

    fs::remove_file(sandbox.root().join("last")).unwrap();
    let listener = Listener::default();
    let error = archive::unpack(&archive, &sandbox.root(), &options, &listener.1, &listener).unwrap_err();
    assert!(matches!(error, UnpackError::Cancelled(_)), "{error}");
    assert!(sandbox.root().join("big").metadata().unwrap().len() < 4 << 20);
    assert!(!sandbox.root().join("last").exists());
}

#[test]
fn what_the_system_refuses_is_named() {
    let sandbox = Sandbox::new();
    let options = Options { layout: Layout::AsIs, limits: SMALL, exclude: Vec::new(), keep: Vec::new() };
    let unpack = |archive: &str, into: &str| {
        let (archive, into) = (sandbox.outside().join(archive), sandbox.outside().join(into));
        archive::unpack(&archive, &into, &options, &Cancel::default(), &Silent).unwrap_err().to_string()
    };
    assert_eq!(unpack("none", "root"), format!("cannot open `{}/none`", sandbox.outside()));
    assert_eq!(unpack("etc", "root"), format!("cannot read `{}/etc`", sandbox.outside()));
    fs::write(sandbox.outside().join("good"), tar().folder("d").end()).unwrap();
    assert_eq!(unpack("good", "none"), format!("cannot unpack into `{}/none`", sandbox.outside()));
    let full = UnpackError::Io { action: "write", path: "f".into(), source: io::ErrorKind::StorageFull.into() };
    assert_eq!(full.to_string(), "cannot write `f`: there is no room left; free some space and run the command again");
}

#[test]
fn what_is_left_out_is_not_unpacked_and_neither_is_what_is_below_it_unless_it_is_kept() {
    let sandbox = Sandbox::new();
    let tar = tar().folder("a").file("a/there", "").folder("a/b").file("a/b/c", "").file("a/b/kept", "");
    let tar = tar.file("a/b/kept.not", "").file("a/bb", "").file("d", "").end();
    let exclude = ["a/b", "d"].map(str::to_owned).into();
    let keep = vec!["a/b/kept".to_owned()];
    sandbox.unpack_with(&tar, &Options { layout: Layout::AsIs, limits: SMALL, exclude, keep }).unwrap();
    let found: Vec<Utf8PathBuf> = walk(&sandbox.root()).into_iter().filter(|path| path.is_file()).collect();
    assert_eq!(found, ["a/b/kept", "a/bb", "a/there"].map(|file| sandbox.root().join(file)));
}

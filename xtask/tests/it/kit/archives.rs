//! The inputs of a build in miniature: archives of the trees in `xtask/testing/sandbox`, and a module that stands for python.wasm.

use std::io::Write as _;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::sys::fs::{Kind, list_tree};

/// CPython's source, as every sandbox gets it.
pub static SOURCE: LazyLock<Vec<u8>> = LazyLock::new(|| source(&python_wasm(&["fd_write", "proc_exit"])));

/// The toolchain, as every sandbox gets it.
pub static WASI_SDK: LazyLock<Vec<u8>> = LazyLock::new(|| archive("wasi-sdk-24.0", &folder("wasi-sdk"), &[]));

/// Where the miniatures lie.
pub fn folder(name: &str) -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("xtask/testing/sandbox").join(name)
}

/// CPython's source, from which this python.wasm will be "made".
pub fn source(python_wasm: &[u8]) -> Vec<u8> {
    archive("Python-3.13.1", &folder("cpython"), &[("python.wasm", python_wasm)])
}

/// CPython's source with a few files more, by their paths.
pub fn source_with(files: &[(String, &str)]) -> Vec<u8> {
    let module = python_wasm(&["fd_write", "proc_exit"]);
    let mut more: Vec<(&str, &[u8])> = vec![("python.wasm", &module)];
    more.extend(files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    archive("Python-3.13.1", &folder("cpython"), &more)
}

/// A folder, and a few files more, as a tar.gz with everything below one folder: the same bytes each time.
pub fn archive(top: &str, folder: &Utf8Path, more: &[(&str, &[u8])]) -> Vec<u8> {
    // Not compressed, so that the size does not depend on a compressor.
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let mut tar = tar::Builder::new(gzip);
    let mut append = |name: &str, executable: bool, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_mode(if executable { 0o755 } else { 0o644 });
        header.set_mtime(1_000_000_000);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, format!("{top}/{name}"), content).unwrap();
    };
    for entry in list_tree(folder).unwrap() {
        if let Kind::File { executable, .. } = entry.kind {
            append(entry.path.as_str(), executable, &fs_err::read(folder.join(&entry.path)).unwrap());
        }
    }
    for (name, content) in more {
        append(name, false, content);
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// A Debian package with these programs.
pub fn deb(programs: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in programs {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o755);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let mut deb = ar::Builder::new(Vec::new());
    let members: [(&str, Vec<u8>); 3] =
        [("debian-binary", b"2.0\n".to_vec()), ("control.tar", Vec::new()), ("data.tar", tar.into_inner().unwrap())];
    for (name, data) in members {
        deb.append(&ar::Header::new(name.into(), data.len() as u64), data.as_slice()).unwrap();
    }
    deb.into_inner().unwrap()
}

/// The smallest module that imports these functions of WASI, exports `_start` and `memory`, and has names that a strip removes.
pub fn python_wasm(imports: &[&str]) -> Vec<u8> {
    let text = |text: &str| [vec![text.len() as u8], text.into()].concat();
    let import = |name: &&str| [text("wasi_snapshot_preview1"), text(name), vec![0, 0]].concat();
    let vector = |items: Vec<Vec<u8>>| [vec![items.len() as u8], items.concat()].concat();
    let start = imports.len() as u8;
    let sections: [(u8, Vec<u8>); 7] = [
        (1, vec![1, 0x60, 0, 0]),
        (2, vector(imports.iter().map(import).collect())),
        (3, vec![1, 0]),
        (5, vec![1, 0, 1]),
        (7, vector(vec![[text("_start"), vec![0, start]].concat(), [text("memory"), vec![2, 0]].concat()])),
        (10, vec![1, 2, 0, 0x0b]),
        (0, [text("name"), vec![0, 4, 3], b"top".into()].concat()),
    ];
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (id, content) in sections {
        assert!(content.len() < 128, "a length is one byte here");
        module.write_all(&[&[id, content.len() as u8], content.as_slice()].concat()).unwrap();
    }
    module
}

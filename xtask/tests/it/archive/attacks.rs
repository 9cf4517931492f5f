//! Archives that attack. One line each: what it tries, the archive, and how it is refused.
//!
//! All are tried as plain tar, tar.gz and tar.xz; what only a Debian package can do is beside the tests.

use super::{Tar, tar};

/// What attacks, the archive, and the end of the message that refuses it.
pub fn corpus() -> Vec<(&'static str, Tar, &'static str)> {
    let long = |kind, name: &str, target: Tar| Tar([tar().entry(kind, "long", "", name).0, target.0].concat());
    let deep = "d/".repeat(200);
    let mega = "m".repeat(600 << 10);
    vec![
        ("parent", tar().file("../x", "!"), "`../x` has `..` in its name"),
        ("parent behind dot", tar().file("./../x", "!"), "`./../x` has `..` in its name"),
        ("parent behind folder", tar().folder("a").file("a/../../x", "!"), "`a/../../x` has `..` in its name"),
        ("parent within", tar().folder("a").file("a/../x", "!"), "`a/../x` has `..` in its name"),
        ("parent alone", tar().folder(".."), "`..` has `..` in its name"),
        ("absolute", tar().file("/tmp/x", "!"), "`/tmp/x` has an absolute name"),
        ("absolute, two slashes", tar().file("//x", "!"), "`//x` has an absolute name"),
        ("link to /etc, then write", tar().link("l", "/etc").file("l/x", "!"), "`l` links to an absolute name"),
        ("link to .., then write", tar().link("l", "..").file("l/x", "!"), "`l` links to a place outside the root"),
        ("link to twin", tar().link("l", "../root-twin").file("l/x", "!"), "`l` links to a place outside the root"),
        ("link from a folder", tar().link("a/l", "./../../x"), "`a/l` links to a place outside the root"),
        ("chain", tar().link("a", "b").link("b", "..").file("a/x", "!"), "`b` links to a place outside the root"),
        (
            "up behind a link",
            tar().link("d/l", "..").link("m", "d/l/../x"),
            "`m` links to a name with `..` behind another name",
        ),
        (
            "link in a linked folder",
            tar().folder("t").link("a/b/l", "../../t").link("a/b/l/m", "../../x"),
            "`a/b/l/m` links to a place outside the root",
        ),
        (
            "link to itself, then write",
            tar().link("l", "l").file("l/x", "!"),
            "`l/x` lies behind the link `l`, which leads to no folder",
        ),
        (
            "dangling link, then write",
            tar().link("l", "no").file("l/x", "!"),
            "`l/x` lies behind the link `l`, which leads to no folder",
        ),
        ("link with an empty target", tar().link("l", ""), "`l` links to an empty name"),
        ("link with data", tar().entry(b'2', "l", "x", "!"), "`l` has data, but is no file"),
        ("PAX link target", tar().pax("linkpath", "../x").link("l", "ok"), "`l` links to a place outside the root"),
        ("GNU long link target", long(b'K', "/etc\0", tar().link("l", "ok")), "`l` links to an absolute name"),
        ("NUL in PAX link target", tar().pax("linkpath", "a\0b").link("l", "ok"), "`l` links to a name with a NUL"),
        ("hard link to /etc/passwd", tar().hard("h", "/etc/passwd"), "`h` is a hard link to what has an absolute name"),
        ("hard link outside", tar().hard("h", "../secret"), "`h` is a hard link to what has `..` in its name"),
        (
            "hard link to link",
            tar().file("f", "").link("l", "f").hard("h", "l"),
            "`h` is a hard link to no file that is before it",
        ),
        ("hard link to folder", tar().folder("d").hard("h", "d"), "`h` is a hard link to no file that is before it"),
        (
            "hard link to later file",
            tar().hard("h", "f").file("f", ""),
            "`h` is a hard link to no file that is before it",
        ),
        ("hard link to itself", tar().hard("h", "h"), "`h` is a hard link to no file that is before it"),
        ("hard link to older file", tar().hard("h", "older"), "`h` is a hard link to no file that is before it"),
        ("hard link over file", tar().file("f", "").file("g", "").hard("g", "f"), "`g` is there twice"),
        ("chmod through link", tar().folder("t").link("l", "t").folder("l"), "`l` is a folder where a file or link is"),
        ("character device", tar().entry(b'3', "tty", "", ""), "`tty` is a device node"),
        ("block device", tar().entry(b'4', "sda", "", ""), "`sda` is a device node"),
        ("fifo", tar().entry(b'6', "pipe", "", ""), "`pipe` is a fifo"),
        ("unknown kind", tar().entry(b'9', "what", "", ""), "`what` is of the unknown kind 9"),
        ("sparse file", tar().pax("GNU.sparse.major", "1").file("f", ""), "`f` is a sparse file"),
        (
            "huge size, no data",
            tar().raw(b'0', b"f", "", b"", |h| h.set_size(1 << 60)),
            "`f` is too large: 1048576 bytes in all are allowed",
        ),
        ("bytes bomb", tar().file("f", &mega).file("g", &mega), "`g` is too large: 1048576 bytes in all are allowed"),
        (
            "entries bomb",
            (0..101).fold(tar(), |tar, n| tar.folder(&n.to_string())),
            "`100` is one too many: 100 entries are allowed",
        ),
        (
            "headers bomb",
            Tar([tar().file("f", "").0, long(b'L', &mega.repeat(2), tar().file("g", "")).0].concat()),
            "is damaged: an entry has more than 1 MiB of headers; delete it and fetch it again",
        ),
        (
            "more size than data",
            tar().raw(b'0', b"f", "", b"!", |h| h.set_size(9999)),
            "is damaged: it ends too early; delete it and fetch it again",
        ),
        (
            "PAX size differs",
            tar().pax("size", "1024").file("f", "!").file("g", ""),
            "`f` has one size in its header and another in its PAX record",
        ),
        (
            "PAX record malformed",
            tar().entry(b'x', "pax", "", "99 path=f\n").file("f", ""),
            "is damaged: malformed pax extension; delete it and fetch it again",
        ),
        ("PAX path", tar().pax("path", "../x").file("f", "!"), "`../x` has `..` in its name"),
        (
            "PAX path for all",
            tar().record(b'g', "path", "../x").file("f", "!"),
            "`../x` names or measures all the entries after it",
        ),
        ("GNU long name", long(b'L', "a/../../x\0", tar().file("f", "!")), "`a/../../x` has `..` in its name"),
        ("name not UTF-8", tar().raw(b'0', b"\xff", "", b"", |_| {}), "`\u{fffd}` has a name that is not UTF-8"),
        ("NUL in name", tar().pax("path", "a\0b").file("f", ""), "`a\\0b` has a NUL in its name"),
        ("empty name", tar().file("", "!"), "`` has an empty name"),
        ("root as a file", tar().file(".", "!"), "`.` would replace the folder that is unpacked into"),
        ("root as a link", tar().link("./", "a"), "`./` would replace the folder that is unpacked into"),
        ("file named like a folder", tar().file("f/", "!"), "`f/` is a file named like a folder"),
        ("folder with data", tar().entry(b'5', "d", "", "!"), "`d` has data, but is no file"),
        ("file twice", tar().file("f", "1").file("./f", "2"), "`./f` is there twice, and differs"),
        ("file over link", tar().file("f", "1").link("l", "f").file("l", "1"), "`l` is there twice, and differs"),
        ("link over file", tar().file("f", "1").link("f", "g"), "`f` is there twice, and differs"),
        ("link over link", tar().link("l", "f").link("l", "g"), "`l` is there twice, and differs"),
        ("file over folder", tar().folder("d").file("d", "!"), "`d` is a file or link where a folder is"),
        ("folder over file", tar().file("f", "1").folder("f"), "`f` is a folder where a file or link is"),
        ("file in a file", tar().file("f", "1").file("f/x", "!"), "`f/x` lies in `f`, which is no folder"),
        ("deep", tar().pax("path", &deep).folder("d"), " lies too deep"),
        ("long component", tar().pax("path", &"n".repeat(300)).file("f", ""), "n`"),
        (
            "impossible time",
            tar().raw(b'0', b"f", "", b"", |h| h.set_mtime(u64::MAX)),
            "`f` has an impossible modification time",
        ),
    ]
}

//! What an archive may call its entries and their links. Pure: it looks at names, never at the file system.

use std::iter;

/// Entries deeper than this are not unpacked: far more than any real tree needs, far less than a path may be long.
const MAX_DEPTH: usize = 128;

/// The components of an entry's name; none for the root itself (`./`). An error is a predicate: why the name is refused.
pub(super) fn components(name: &[u8]) -> Result<Vec<&str>, &'static str> {
    let name = match text(name) {
        Ok(name) => name,
        Err(Unfit::Empty) => return Err("has an empty name"),
        Err(Unfit::NotUtf8) => return Err("has a name that is not UTF-8"),
        Err(Unfit::Nul) => return Err("has a NUL in its name"),
    };
    if name.starts_with('/') {
        return Err("has an absolute name");
    }
    let components: Vec<_> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if components.contains(&"..") {
        return Err("has `..` in its name");
    }
    if components.len() > MAX_DEPTH {
        return Err("lies too deep");
    }
    Ok(components)
}

/// The target to give a symbolic link that lies `depth` folders below the root, so that it leads to nowhere outside.
///
/// `..` is allowed only at a target's beginning. Behind a name it would be relative to wherever that name leads, if it is a link;
/// without it, a link cannot leave the root as long as no other link does.
/// Where `slash_is_root`, an absolute target is made relative to the root.
pub(super) fn link_target(target: &[u8], depth: usize, slash_is_root: bool) -> Result<String, &'static str> {
    let target = match text(target) {
        Ok(target) => target,
        Err(Unfit::Empty) => return Err("links to an empty name"),
        Err(Unfit::NotUtf8) => return Err("links to a name that is not UTF-8"),
        Err(Unfit::Nul) => return Err("links to a name with a NUL"),
    };
    let absolute = target.starts_with('/');
    if absolute && !slash_is_root {
        return Err("links to an absolute name");
    }
    let parts: Vec<_> = target.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let up = parts.iter().take_while(|part| **part == "..").count();
    if parts[up..].contains(&"..") {
        return Err("links to a name with `..` behind another name");
    }
    if up > if absolute { 0 } else { depth } {
        return Err("links to a place outside the root");
    }
    if !absolute {
        return Ok(target.to_owned());
    }
    let parts: Vec<_> = iter::repeat_n("..", depth).chain(parts).collect();
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

enum Unfit {
    Empty,
    NotUtf8,
    Nul,
}

fn text(bytes: &[u8]) -> Result<&str, Unfit> {
    match str::from_utf8(bytes) {
        Err(_) => Err(Unfit::NotUtf8),
        Ok("") => Err(Unfit::Empty),
        Ok(text) if text.contains('\0') => Err(Unfit::Nul),
        Ok(text) => Ok(text),
    }
}

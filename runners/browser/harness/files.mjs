// A directory of the machine as a file system of Emscripten's that can only be read.
// Where the files come from is told by a source: `list` gives a directory's entries, `read` a file's bytes.

// Emscripten's numbers.
const EINVAL = 28;
const ENOENT = 44;
const EROFS = 69;
const ACCESS_MODE = 3;
// Mode bits as if it could be written to: the file system refuses writes, not the file's owner.
const DIRECTORY = 0o040755;
const FILE = 0o100644;

/** Files that lie in memory which workers share. */
export class Packed {
  #directories = new Map([["", []]]);
  #entries;
  #bytes;

  constructor({ entries, bytes }) {
    this.#bytes = bytes;
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]));
    for (const entry of entries) {
      const cut = entry.path.lastIndexOf("/");
      const name = entry.path.slice(cut + 1);
      this.#directories.get(entry.path.slice(0, Math.max(cut, 0))).push({ ...entry, name });
      if (entry.directory) this.#directories.set(entry.path, []);
    }
  }

  list(path) {
    return this.#directories.get(path) ?? [];
  }

  read(path) {
    const { start, size } = this.#entries.get(path);
    return this.#bytes.subarray(start, start + size);
  }
}

/** Files that are asked for when they are needed. */
export class Served {
  #ask;
  #base;

  constructor(ask, base) {
    this.#ask = ask;
    this.#base = base;
  }

  list(path) {
    const answer = this.#get("list", path);
    return answer ? JSON.parse(new TextDecoder().decode(answer)) : [];
  }

  read(path) {
    return this.#get("file", path);
  }

  #get(what, path) {
    const answer = this.#ask("GET", `${this.#base}/${what}/${path.split("/").map(encodeURIComponent).join("/")}`);
    return answer.status === 200 ? new Uint8Array(answer.response) : null;
  }
}

/** The file system. What is listed or read is not asked for again: a run sees a directory as it was then. */
export class ReadOnlyFiles {
  #FS;
  #source;

  constructor(FS, source) {
    this.#FS = FS;
    this.#source = source;
  }

  mount() {
    return this.#node(null, "/", { directory: true, size: 0, modified: 0, path: "" });
  }

  #node(parent, name, entry) {
    const [FS, source] = [this.#FS, this.#source];
    const node = FS.createNode(parent, name, entry.directory ? DIRECTORY : FILE, 0);
    const refuse = () => {
      throw new FS.ErrnoError(EROFS);
    };
    const list = () => {
      node.list ??= new Map(source.list(entry.path).map((child) => [child.name, child]));
      return node.list;
    };
    node.node_ops = {
      getattr: () => ({
        dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: entry.size,
        atime: new Date(entry.modified), mtime: new Date(entry.modified), ctime: new Date(entry.modified),
        blksize: 4096, blocks: Math.ceil(entry.size / 4096),
      }),
      lookup: (parent, name) => {
        const found = list().get(name);
        if (!found) throw new FS.ErrnoError(ENOENT);
        return this.#node(parent, name, { ...found, path: entry.path ? `${entry.path}/${name}` : name });
      },
      readdir: () => [".", "..", ...list().keys()],
      setattr: refuse, mknod: refuse, rename: refuse, unlink: refuse, rmdir: refuse, symlink: refuse,
    };
    node.stream_ops = {
      open(stream) {
        if (stream.flags & ACCESS_MODE) refuse();
        if (entry.directory) return;
        node.bytes ??= source.read(entry.path);
        if (!node.bytes) throw new FS.ErrnoError(ENOENT);
      },
      read(stream, buffer, offset, length, position) {
        const part = node.bytes.subarray(position, position + length);
        buffer.set(part, offset);
        return part.length;
      },
      llseek(stream, offset, whence) {
        const position = offset + [0, stream.position, entry.size][whence];
        if (!(position >= 0)) throw new FS.ErrnoError(EINVAL);
        return position;
      },
    };
    return node;
  }
}

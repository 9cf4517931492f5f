// In the place of a package's python.mjs: no Python, but the same functions, which do what a test's first argument says.

export async function loadPython({ args, env, stdin, stdout, stderr, interruptBuffer }) {
  const devices = [];
  const places = new Map();
  let cwd = "";
  class ErrnoError extends Error {
    constructor(errno) {
      super(`errno ${errno}`);
      this.errno = errno;
    }
  }
  const FS = {
    ErrnoError,
    createNode: (parent, name, mode) => ({ id: 1, parent, name, mode }),
    mkdirTree() {},
    makedev: (major, minor) => minor,
    registerDevice: (device, operations) => (devices[device] = operations),
    mkdev: (path, mode, device) => places.set(path, devices[device]),
    mount: (type, options, path) => places.set(path, type.mount()),
    writeFile: (path, bytes) => places.set(path, bytes),
    getStream: () => ({}),
    chdir: (path) => (cwd = path),
  };
  const say = (text) => stdout(new TextEncoder().encode(text));
  const open = (path) => {
    const [, folder, name] = /^(.*)\/([^/]+)$/.exec(path);
    const node = places.get(folder).node_ops.lookup(places.get(folder), name);
    node.stream_ops.open({ flags: 0 });
    return node;
  };
  const actions = {
    say: (...words) => say(`${words.join(" ")} ${JSON.stringify(env)} ${cwd}\n`),
    complain: (text) => stderr(new TextEncoder().encode(text)),
    exit: (code) => Number(code),
    echo() {
      for (let bytes = stdin(); bytes; bytes = stdin()) {
        if (bytes === Symbol.for("python.interrupted")) return 130;
        stdout(bytes);
      }
    },
    trap() {
      const cause = new WebAssembly.RuntimeError("unreachable");
      throw new Error("it crashed", { cause });
    },
    hang(text) {
      actions.journal(text);
      say("waiting\n");
      while (interruptBuffer[0] !== 2);
      return 77;
    },
    journal(...lines) {
      for (const line of lines) {
        const bytes = new TextEncoder().encode(`${line}\n`);
        places.get("/journal").write({}, bytes, 0, bytes.length);
      }
    },
    flood() {
      for (;;) say("x".repeat(65536));
    },
    read(path) {
      const node = open(path);
      const { size } = node.node_ops.getattr(node);
      const buffer = new Uint8Array(size);
      node.stream_ops.read({}, buffer, 0, size, 0);
      say(new TextDecoder().decode(buffer));
    },
    list: (path) => say(`${places.get(path).node_ops.readdir(places.get(path)).join(" ")}\n`),
    change(path) {
      const node = places.get(path);
      try {
        node.node_ops.unlink(node, "file");
      } catch (error) {
        say(`${error.message}\n`);
      }
    },
    copied: (path) => stdout(places.get(path)),
    connect: () => say(`${[...places.keys()].join(" ")}\n`),
  };
  return { FS, main: () => actions[args[0]](...args.slice(1)) ?? 0 };
}

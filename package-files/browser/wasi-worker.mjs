// A worker with the Python of the package for WASI, by a WASI in JavaScript (wasi/shim/). The page's side is client.mjs, as for
// worker.mjs. Its standard library is the bytecode of this package, which knows nothing of the host.

import { compile, download } from "./download.mjs";
import { PythonEnded, PythonLoadError, toPlain } from "./errors.mjs";
import { askPage } from "./shared.mjs";
import { Directory, Fd, File, PreopenDirectory, WASI, wasi } from "./wasi/shim/index.js";
import { contents, entries } from "./zip.mjs";

const PREFIX = "/usr/local";
const ZIP_MAGIC = [0x50, 0x4b];
const MODULE = "wasi/python.wasm";
const NO_MODULE = "`cargo xtask build wasi` makes it, and `cargo xtask serve` finds it then; elsewhere, copy python.wasm of the package for WASI there";

let python = null;

const methods = {
  async load(options, shared) {
    const loaded = new Map();
    const onProgress = (progress) => {
      loaded.set(progress.file, progress.loaded);
      postMessage({ progress: { ...progress, loaded: [...loaded.values()].reduce((sum, size) => sum + size, 0), total: 0 } });
    };
    const url = (name) => new URL(name, options.baseURL).href;
    const fetch = (url) => globalThis.fetch(url);
    const [module, library] = await Promise.all([
      compile(url(MODULE), { fetch, onProgress }).catch(explained),
      download(url("python-stdlib.zip"), { fetch, onProgress, magic: ZIP_MAGIC, wanted: "the standard library, a ZIP archive" }),
    ]);
    python = { module, options, shared, files: await unpacked(library) };
  },
  /** Runs Python with its arguments to its end, and gives the exit code. */
  async main() {
    const { module, options, shared, files } = python;
    const environment = { HOME: "/home", PATH: `${PREFIX}/bin`, PYTHON_BASIC_REPL: "1", PYTHONDONTWRITEBYTECODE: "1", ...options.env };
    const descriptors = [
      new Input(shared), new Output("stdout"), new Output("stderr"),
      // The first one is where Python begins.
      new PreopenDirectory("/", new Map([["home", new Directory(new Map())], ["tmp", new Directory(new Map())]])),
      new PreopenDirectory(PREFIX, files),
    ];
    const program = new WASI(
      [`${PREFIX}/bin/python3`, ...(options.args ?? []).map(String)],
      Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      descriptors,
    );
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: program.wasiImport });
    return program.start(instance);
  },
};

addEventListener("message", async ({ data: { id, method, values } }) => {
  try {
    if (!methods[method]) throw new PythonEnded("on WASI, Python only runs as a program: use `main`");
    postMessage({ id, value: await methods[method](...values) });
  } catch (error) {
    postMessage({ id, error: toPlain(error) });
  }
});

function explained(error) {
  if (error.code !== "download-failed" && error.code !== "wrong-type") throw error;
  throw new PythonLoadError(error.code, error.summary, { hint: NO_MODULE, url: error.url, cause: error });
}

/** The files of an archive, as folders in folders. */
async function unpacked(archive) {
  const root = new Map();
  const folder = (names) => names.reduce((parent, name) => {
    if (!parent.has(name)) parent.set(name, new Directory(new Map()));
    return parent.get(name).contents;
  }, root);
  for (const entry of entries(archive, "the standard library")) {
    const names = entry.path.split("/").filter(Boolean);
    if (entry.folder) {
      folder(names);
      continue;
    }
    const bytes = entry.method === 0 ? entry.data : await contents(entry, "the standard library");
    folder(names.slice(0, -1)).set(names.at(-1), new File(bytes, { readonly: true }));
  }
  return root;
}

const terminal = (rights) => {
  const status = new wasi.Fdstat(wasi.FILETYPE_CHARACTER_DEVICE, 0);
  status.fs_rights_base = BigInt(rights);
  return { ret: wasi.ERRNO_SUCCESS, fdstat: status };
};
const file = () => ({ ret: wasi.ERRNO_SUCCESS, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) });

class Input extends Fd {
  #shared;
  #pending = new Uint8Array();

  constructor(shared) {
    super();
    this.#shared = shared;
  }

  fd_fdstat_get = () => terminal(wasi.RIGHTS_FD_READ);
  fd_filestat_get = file;

  fd_read(size) {
    if (this.#pending.length === 0) {
      const given = this.#shared ? askPage(this.#shared) : null;
      // Without an answer: the end of input.
      this.#pending = given instanceof Uint8Array ? given : new Uint8Array();
    }
    const data = this.#pending.slice(0, size);
    this.#pending = this.#pending.slice(size);
    return { ret: wasi.ERRNO_SUCCESS, data };
  }
}

class Output extends Fd {
  #stream;

  constructor(stream) {
    super();
    this.#stream = stream;
  }

  fd_fdstat_get = () => terminal(wasi.RIGHTS_FD_WRITE);
  fd_filestat_get = file;

  fd_write(data) {
    const bytes = data.slice();
    const nwritten = bytes.length;
    postMessage({ stream: this.#stream, bytes }, [bytes.buffer]);
    return { ret: wasi.ERRNO_SUCCESS, nwritten };
  }
}

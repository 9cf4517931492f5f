// Python in a page, in a worker, or wherever else there is WebAssembly: the one module that programs import.
// python.d.ts describes what it exports. What is below it: download.mjs (the network), zip.mjs (archives),
// streams.mjs (standard streams), errors.mjs, client.mjs and worker.mjs (both sides of a worker).

import { loadPythonWorker } from "./client.mjs";
import { compile, download, importModule } from "./download.mjs";
import { PythonEnded, PythonError, PythonLoadError } from "./errors.mjs";
import { SIZES } from "./sizes.mjs";
import { mountSleep, mountStreams } from "./streams.mjs";
import { contents, entries } from "./zip.mjs";

export { loadPythonWorker, PythonEnded, PythonError, PythonLoadError };

const PREFIX = "/usr/local";
const LONGEST_PAUSE = 50;
const ZIP_MAGIC = [0x50, 0x4b];

/** Loads a Python; resolves once code can be run. */
export async function loadPython(options = {}) {
  if (options.worker) return loadPythonWorker(options);
  requireFeatures();
  const base = new URL(options.baseURL ?? ".", import.meta.url);
  const fetch = options.fetch ?? ((url) => globalThis.fetch(url));
  const onProgress = progressOfAll(options.onProgress ?? (() => {}));
  const url = (name) => new URL(name, base).href;
  const wheels = Promise.all((options.packages ?? []).map((wheel) => wheelBytes(wheel, base, fetch, onProgress)));
  // All failures are looked at below, in this order.
  wheels.catch(() => {});
  const [{ default: create }, module, library] = await Promise.all([
    importModule(url("emscripten.mjs"), fetch),
    compile(url("python.wasm"), { fetch, onProgress }),
    download(url("python-stdlib.zip"), { fetch, onProgress, magic: ZIP_MAGIC, wanted: "the standard library, a ZIP archive" }),
  ]);
  const runtime = await start(create, module, options);
  return prepare(runtime, options, library, await wheels);
}

/** Says what the browser lacks before anything is downloaded. */
function requireFeatures() {
  const needed = {
    WebAssembly: typeof WebAssembly === "object",
    "64-bit integers (BigInt64Array)": typeof BigInt64Array === "function",
    "streams (TransformStream)": typeof TransformStream === "function",
  };
  const missing = Object.keys(needed).filter((name) => !needed[name]);
  if (missing.length === 0) return;
  throw new PythonLoadError("unsupported-browser", `this browser cannot run Python: it lacks ${missing.join(", ")}`, {
    hint: "take a browser of 2022 or later, and allow WebAssembly",
  });
}

/** One progress for all files that are downloaded at the same time. */
function progressOfAll(listener) {
  // A server that compresses does not say how large a file will be, but it is known for ours.
  const files = new Map(Object.entries(SIZES).map(([file, total]) => [file, { loaded: 0, total }]));
  return ({ file, loaded, total }) => {
    files.set(file, { loaded, total: SIZES[file] ?? total });
    const all = [...files.values()];
    const sum = (key) => all.reduce((number, one) => number + one[key], 0);
    // A total that is not known for one file is not known for all of them.
    listener({ file, loaded: sum("loaded"), total: all.every((one) => one.total) ? sum("total") : 0 });
  };
}

async function wheelBytes(wheel, base, fetch, onProgress) {
  if (typeof wheel !== "string" && !(wheel instanceof URL)) return { name: "a wheel", bytes: new Uint8Array(wheel) };
  const url = new URL(wheel, base).href;
  return { name: url, bytes: await download(url, { fetch, onProgress, magic: ZIP_MAGIC, wanted: "a wheel" }) };
}

/** Starts Emscripten's runtime; no Python runs in it yet. */
function start(create, module, options) {
  return new Promise((resolve, reject) => {
    const failed = (cause) => reject(new PythonLoadError("start-failed", `Python could not be started: ${cause.message ?? cause}`, { cause }));
    const settings = {
      thisProgram: `${PREFIX}/bin/python3`,
      Py_EmscriptenSignalBuffer: options.interruptBuffer && new Uint8Array(options.interruptBuffer.buffer, options.interruptBuffer.byteOffset),
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module), failed);
        return {};
      },
      preRun: [({ ENV }) => {
        for (const name of Object.keys(ENV)) delete ENV[name];
        // Emscripten fills these in afterwards, unless they are told to be absent.
        for (const name of ["USER", "LOGNAME", "PATH", "PWD", "HOME", "LANG", "_"]) ENV[name] = undefined;
        Object.assign(ENV, { HOME: "/home", LANG: "C.UTF-8", PATH: `${PREFIX}/bin`, ...options.env });
      }],
      print: (text) => console.log(text),
      printErr: (text) => console.warn(text),
      onAbort: (what) => failed(new Error(String(what))),
    };
    create(settings).then(resolve, failed);
  });
}

async function prepare(runtime, options, library, wheels) {
  const { FS } = runtime;
  for (const path of [`${PREFIX}/bin`, "/home"]) FS.mkdirTree(path);
  await unpack(FS, library, "the standard library", PREFIX);
  const lib = FS.readdir(`${PREFIX}/lib`).find((name) => name.startsWith("python"));
  const launcher = `${PREFIX}/bin/${lib}`;
  FS.writeFile(launcher, "");
  FS.chmod(launcher, 0o755);
  FS.symlink(lib, `${PREFIX}/bin/python3`);
  for (const { name, bytes } of wheels) await unpack(FS, bytes, name, `${PREFIX}/lib/${lib}/site-packages`);
  for (const { path, index, blob } of options.mounts ?? []) mount(FS, path, index, blob);
  const python = new Python(runtime, options);
  for (const [path, data] of Object.entries(options.files ?? {})) python.writeFile(path, data);
  mountStreams(runtime, options);
  mountSleep(runtime, options);
  if (options.interruptBuffer) runtime.HEAP32[runtime._Py_EMSCRIPTEN_SIGNAL_HANDLING >> 2] = 1;
  FS.chdir("/home");
  return python;
}

async function unpack(FS, archive, name, folder) {
  const made = new Set();
  for (const entry of entries(archive, name)) {
    if (entry.path.startsWith("/") || entry.path.split("/").includes("..")) {
      throw new PythonLoadError("wrong-type", `${name} has an entry that leads out of it: ${entry.path}`);
    }
    const path = `${folder}/${entry.path.replace(/\/$/, "")}`;
    const parent = entry.folder ? path : path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) FS.mkdirTree(parent);
    made.add(parent);
    if (entry.folder) continue;
    const bytes = entry.method === 0 ? entry.data : await contents(entry, name);
    FS.writeFile(path, bytes, { canOwn: true });
  }
}

/** Files of a blob, read when Python reads them: only workers have what that needs. */
function mount(FS, path, index, blob) {
  if (!FS.filesystems.WORKERFS || typeof FileReaderSync === "undefined") {
    throw new PythonLoadError("unsupported-browser", `${path} cannot be mounted: only a worker can read a blob while Python waits`, {
      hint: "load Python in a worker, or give the files in `files`",
    });
  }
  FS.mkdirTree(path);
  FS.mount(FS.filesystems.WORKERFS, { packages: [{ metadata: { files: index }, blob }] }, path);
}

/** A Python that was loaded. Either `main` or the `run` functions are used, not both. */
class Python {
  #runtime;
  #host = 0;
  #ended = null;
  #args;
  #interruptible;

  constructor(runtime, options) {
    this.#runtime = runtime;
    this.#interruptible = Boolean(options.interruptBuffer);
    this.#args = (options.args ?? []).map(String);
    this.FS = runtime.FS;
  }

  /** Runs Python with its arguments to its end, and gives the exit code. */
  main() {
    if (this.#host) throw new PythonEnded("this Python runs code already: load another one for `main`");
    return this.#guard(() => {
      const code = this.#runtime.callMain([...this.#args]);
      this.#ended = new PythonEnded(`this Python ended with the exit code ${code}: load another one`, { exitCode: code });
      return code;
    });
  }

  /** Runs code in an interpreter that stays, and gives the value of its last expression. */
  run(code) {
    return value(this.#call("run", String(code)));
  }

  /** The same for code with `await` outside of functions. */
  async runAsync(code) {
    const task = this.#call("start", String(code));
    if (task.task === undefined) return value(task);
    for (;;) {
      const state = this.#call("step", String(task.task));
      if (state.wait === undefined) return value(state);
      // Where other threads can interrupt, Python has to look for that.
      await pause(this.#interruptible ? Math.min(state.wait, LONGEST_PAUSE) : state.wait);
    }
  }

  /** Raises KeyboardInterrupt in the code that runs, as soon as Python looks for signals. */
  interrupt() {
    if (!this.#ended) this.#runtime._PyErr_SetInterrupt();
  }

  readFile(path, { encoding = "binary" } = {}) {
    return this.FS.readFile(path, { encoding });
  }

  writeFile(path, data) {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent) this.FS.mkdirTree(parent);
    this.FS.writeFile(path, data instanceof ArrayBuffer ? new Uint8Array(data) : data);
  }

  /** Runs something of the interpreter; remembers if that was its end. */
  #guard(action) {
    if (this.#ended) throw this.#ended;
    try {
      return action();
    } catch (cause) {
      if (cause instanceof PythonError || cause instanceof PythonEnded) throw cause;
      if (cause?.name === "ExitStatus") {
        this.#ended = new PythonEnded(`Python ended with the exit code ${cause.status}`, { cause, exitCode: cause.status });
      } else {
        const what = cause instanceof RangeError ? "the browser's stack overflowed" : cause?.message ?? String(cause);
        this.#ended = new PythonEnded(`Python crashed: ${what}`, { cause });
      }
      throw this.#ended;
    }
  }

  /** Calls a function of `_browser.py` with a text; what it returns is JSON. */
  #call(name, text) {
    return this.#guard(() => {
      const c = this.#runtime;
      this.#host ||= this.#begin();
      const [called, argument] = [this.#withText(name, (text) => c._PyObject_GetAttrString(this.#host, text)), this.#unicode(text)];
      const result = c._PyObject_CallOneArg(called, argument);
      c._Py_DecRef(called);
      c._Py_DecRef(argument);
      if (!result) {
        c._PyErr_Print();
        throw new PythonError({ type: "SystemError", message: "", traceback: "an exception came while Python was between two calls: stderr has it" });
      }
      const answer = c.UTF8ToString(c._PyUnicode_AsUTF8AndSize(result, 0));
      c._Py_DecRef(result);
      return JSON.parse(answer);
    });
  }

  #begin() {
    const c = this.#runtime;
    c._Py_InitializeEx(1);
    const host = this.#withText("_browser", (text) => c._PyImport_ImportModule(text));
    if (!host) {
      c._PyErr_Print();
      throw new Error("the module _browser cannot be imported; see stderr");
    }
    return host;
  }

  #withText(text, use) {
    const c = this.#runtime;
    const size = c.lengthBytesUTF8(text) + 1;
    const pointer = c._malloc(size);
    c.stringToUTF8(text, pointer, size);
    try {
      return use(pointer, size - 1);
    } finally {
      c._free(pointer);
    }
  }

  #unicode(text) {
    return this.#withText(text, (pointer, size) => this.#runtime._PyUnicode_FromStringAndSize(pointer, size));
  }
}

/** Lets the browser do its own work. A timeout of 0 would take 4 ms. */
function pause(milliseconds) {
  if (milliseconds > 0) return new Promise((resolve) => setTimeout(resolve, milliseconds));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => (port1.close(), resolve());
    port2.postMessage(null);
  });
}

/** What `_browser.py` answers, as JavaScript has it. */
function value(answer) {
  if (answer.error) throw new PythonError(answer.error);
  return answer.value;
}

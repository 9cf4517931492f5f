// The page's side of a Python in a worker: the page stays responsive whatever Python does. The other side is worker.mjs.

import { fromPlain, PythonEnded, PythonLoadError } from "./errors.mjs";
import { INPUT, INPUT_BYTES, INPUT_HEADER, SIGINT } from "./shared.mjs";

const FUNCTIONS = ["stdin", "stdout", "stderr", "onProgress", "fetch", "interruptBuffer", "worker", "system"];

/** The worker for each system that Python can be built for. */
const WORKERS = { emscripten: "./worker.mjs", wasi: "./wasi-worker.mjs" };

/** Loads a Python in a worker of its own; resolves once code can be run. */
export async function loadPythonWorker(options = {}) {
  const python = new PythonWorker(options);
  await python.restart();
  return python;
}

class PythonWorker {
  #options;
  #worker = null;
  #shared = null;
  #pending = new Map();
  #calls = 0;
  #asking = null;
  #unread = new Uint8Array();

  constructor(options) {
    this.#options = options;
    /** Whether the page may share memory with the worker: input() waits and interrupts come through only then. */
    this.isolated = globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";
  }

  main() {
    return this.#call("main");
  }

  run(code) {
    return this.#call("run", String(code));
  }

  runAsync(code) {
    return this.#call("runAsync", String(code));
  }

  readFile(path, options) {
    return this.#call("readFile", path, options);
  }

  writeFile(path, data) {
    return this.#call("writeFile", path, data);
  }

  readdir(path) {
    return this.#call("readdir", path);
  }

  /**
   * Raises KeyboardInterrupt in the code that runs, and gives true. Without shared memory, and on WASI, nothing reaches code that runs:
   * then the worker is ended, what was asked of it fails, and the answer is false; `restart` starts another.
   */
  interrupt() {
    const wasi = this.#options.system === "wasi";
    if (!this.#shared || wasi) {
      const why = wasi ? "WASI has no signals" : "the page is not cross-origin isolated and cannot interrupt it";
      this.terminate(`Python was stopped, because ${why}`);
      return false;
    }
    // A signal for nothing would end whatever runs next.
    if (this.#pending.size === 0) return true;
    Atomics.store(this.#shared.signals, 0, SIGINT);
    Atomics.notify(this.#shared.signals, 0);
    this.#asking?.abort();
    this.#answer(INPUT.interrupted, 0);
    return true;
  }

  /** Ends the worker. */
  terminate(reason = "Python was stopped") {
    this.#worker?.terminate();
    this.#worker = null;
    this.#asking?.abort();
    const ended = new PythonEnded(reason);
    for (const { reject } of this.#pending.values()) reject(ended);
    this.#pending.clear();
  }

  /** Starts a new worker with the same options; whatever the old one had is lost. */
  async restart() {
    this.terminate();
    this.#unread = new Uint8Array();
    const base = new URL(this.#options.baseURL ?? ".", import.meta.url).href;
    this.#worker = new Worker(this.#url(), { type: "module", name: "python" });
    this.#worker.addEventListener("message", ({ data }) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => this.#failed(event));
    if (this.isolated) {
      this.#shared = {
        signals: new Int32Array(new SharedArrayBuffer(4)),
        input: new SharedArrayBuffer(INPUT_HEADER + INPUT_BYTES),
      };
    }
    const plain = Object.fromEntries(Object.entries(this.#options).filter(([name]) => !FUNCTIONS.includes(name)));
    await this.#call("load", { ...plain, baseURL: base }, this.#shared, Boolean(this.#options.stdin));
  }

  #url() {
    return new URL(WORKERS[this.#options.system ?? "emscripten"], import.meta.url);
  }

  #call(method, ...values) {
    if (!this.#worker) return Promise.reject(new PythonEnded("this Python was stopped: `restart` starts another"));
    // An interrupt of code that has ended meanwhile is not for this code. The worker must not do this when it hears of the call: an
    // interrupt of this very call may have come before that.
    if (this.#shared && this.#pending.size === 0) Atomics.store(this.#shared.signals, 0, 0);
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, values });
    });
  }

  #hear(message) {
    if (message.stream) return void this.#options[message.stream]?.(message.bytes);
    if (message.progress) return void this.#options.onProgress?.(message.progress);
    if (message.stdin) return void this.#give();
    const { resolve, reject } = this.#pending.get(message.id) ?? {};
    this.#pending.delete(message.id);
    if (message.error) reject?.(fromPlain(message.error));
    else resolve?.(message.value);
  }

  /** The worker could not be loaded, or something in it failed that is not Python's. */
  #failed(event) {
    event.preventDefault();
    const url = this.#url().href;
    const what = event.message ? `the worker failed: ${event.message}` : `${url} could not be started as a worker`;
    const hint = "the whole package has to lie on the page's own server, and .mjs files need a JavaScript type";
    const error = new PythonLoadError("worker-failed", what, { hint, url });
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** Python reads: it waits until it has an answer in the shared memory. */
  async #give() {
    if (this.#unread.length === 0) {
      const asking = new AbortController();
      this.#asking = asking;
      let given = null;
      try {
        given = await this.#options.stdin({ signal: asking.signal });
      } catch (error) {
        if (!asking.signal.aborted) {
          console.warn("python: stdin failed:", error);
          return this.#answer(INPUT.failed, 0);
        }
      }
      // Whoever interrupts has answered already, and what was typed until then is forgotten, as on a terminal.
      if (asking.signal.aborted) return;
      this.#asking = null;
      if (given === null || given === undefined) return this.#answer(INPUT.end, 0);
      this.#unread = typeof given === "string" ? new TextEncoder().encode(given) : given;
    }
    const part = this.#unread.subarray(0, INPUT_BYTES);
    this.#unread = this.#unread.subarray(part.length);
    new Uint8Array(this.#shared.input, INPUT_HEADER).set(part);
    this.#answer(INPUT.bytes, part.length);
  }

  #answer(state, length) {
    const header = new Int32Array(this.#shared.input, 0, 2);
    if (Atomics.load(header, 0) !== INPUT.waiting) return;
    Atomics.store(header, 1, length);
    Atomics.store(header, 0, state);
    Atomics.notify(header, 0);
  }
}

// The types of python.mjs.

/** What a Python may have and where what it says goes. Everything can be left out. */
export interface PythonOptions {
  /** What stands behind the program's name on a command line, for `main`: `["-c", "print(1)"]`. */
  args?: string[];
  /** The environment variables. `HOME`, `LANG` and `PATH` have values unless they are given others. */
  env?: Record<string, string>;
  /** Called when Python reads: text or bytes, or `null` for the end of the file. Without it, there is nothing to read. */
  stdin?: () => string | Uint8Array | null;
  /** Called with what Python writes; without it, the browser's console gets it line by line. */
  stdout?: (bytes: Uint8Array) => void;
  /** The same for errors. */
  stderr?: (bytes: Uint8Array) => void;
  /** Files that are there when Python starts, by their absolute paths. Python starts in `/home`. */
  files?: Record<string, string | Uint8Array>;
  /** Folders of files that can only be read, each from one blob. Only in a worker. */
  mounts?: Mount[];
  /** Wheels of pure Python, as URLs (relative to `baseURL`) or as bytes: they are unpacked into `site-packages`. */
  packages?: (string | URL | Uint8Array | ArrayBuffer)[];
  /** Where python.wasm and its neighbours are; beside python.mjs if not given. */
  baseURL?: string | URL;
  /** What gets the files; the browser's `fetch` if not given. */
  fetch?: (url: string) => Promise<Response>;
  /** Called while files are downloaded, with the bytes of all of them. `total` is 0 if it is not known. */
  onProgress?: (progress: Progress) => void;
  /**
   * Memory that is shared with another thread, which interrupts Python by writing 2 (SIGINT) into its first element.
   * An `Int32Array` on a `SharedArrayBuffer` also makes `time.sleep` wait without using the processor, in a worker.
   */
  interruptBuffer?: Uint8Array | Int32Array;
  /** Give a `PythonWorker`, as `loadPythonWorker` does. */
  worker?: boolean;
}

export interface Mount {
  /** Where the folder is for Python. What was there before is hidden by it. */
  path: string;
  /** The files, with absolute paths below `path`, and where each begins and ends in the blob. */
  index: { filename: string; start: number; end: number }[];
  blob: Blob;
}

export interface Progress {
  /** The file of which bytes have come. */
  file: string;
  loaded: number;
  total: number;
}

/**
 * A value of Python: `None`, a truth value, a string, an integer that JavaScript has too, a finite float,
 * or a list or a dictionary of these with strings as keys. Anything else is given as the text that `repr` makes of it.
 */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** Loads a Python into this page or worker; resolves once code can be run. Rejects with a `PythonLoadError`. */
export function loadPython(options: PythonOptions & { worker: true }): Promise<PythonWorker>;
export function loadPython(options?: PythonOptions): Promise<Python>;

/** A Python that was loaded. Use `main`, once, or the `run` functions, not both. */
export interface Python {
  /** Runs Python with `args` to its end, as the program `python` does, and gives the exit code. Throws `PythonEnded` if it crashes. */
  main(): number;
  /** Runs code in one interpreter that stays, and gives the value of its last expression. Throws `PythonError` for an exception. */
  run(code: string): Value;
  /** The same for code with `await` outside of functions; the browser does its own work while Python waits. */
  runAsync(code: string): Promise<Value>;
  /** Raises KeyboardInterrupt in what `runAsync` runs. Code that does not wait is interrupted through `interruptBuffer`. */
  interrupt(): void;
  readFile(path: string): Uint8Array;
  readFile(path: string, options: { encoding: "utf8" }): string;
  /** Writes a file, and makes the folders that it lies in. */
  writeFile(path: string, data: string | Uint8Array | ArrayBuffer): void;
  /** Emscripten's file system. */
  FS: any;
}

/** What a page can give to a Python in a worker: reading may take its time. */
export interface PythonWorkerOptions extends Omit<PythonOptions, "stdin" | "fetch" | "interruptBuffer" | "worker"> {
  /**
   * What Python runs on. With `"wasi"` it is the Python of the package for WASI, which must lie at `wasi/python.wasm`; then only
   * `main`, `interrupt`, `terminate` and `restart` are there, and interrupting ends the worker: WASI has no signals.
   */
  system?: "emscripten" | "wasi";
  /** Called when Python reads; Python waits for the answer. `signal` says that an interrupt has ended the waiting. */
  stdin?: (request: { signal: AbortSignal }) => string | Uint8Array | null | Promise<string | Uint8Array | null>;
}

/** Loads a Python in a worker of its own, so that the page stays responsive. */
export function loadPythonWorker(options?: PythonWorkerOptions): Promise<PythonWorker>;

export interface PythonWorker {
  /**
   * Whether page and worker share memory, which needs a cross-origin isolated page. Without it, reading from stdin fails
   * with OSError, and `interrupt` can only end the worker.
   */
  readonly isolated: boolean;
  main(): Promise<number>;
  run(code: string): Promise<Value>;
  runAsync(code: string): Promise<Value>;
  /** Raises KeyboardInterrupt in the code that runs. False if the worker had to be ended instead: see `restart`. */
  interrupt(): boolean;
  readFile(path: string): Promise<Uint8Array>;
  readFile(path: string, options: { encoding: "utf8" }): Promise<string>;
  writeFile(path: string, data: string | Uint8Array | ArrayBuffer): Promise<void>;
  readdir(path: string): Promise<string[]>;
  /** Ends the worker; what was asked of it rejects with `PythonEnded`. */
  terminate(reason?: string): void;
  /** Starts a new worker with the same options. Whatever the old one had is lost. */
  restart(): Promise<void>;
}

/** Python could not be loaded. `message` has all of it; `summary` says what failed, `hint` what can be done. */
export class PythonLoadError extends Error {
  readonly code: "download-failed" | "wrong-type" | "unsupported-browser" | "start-failed" | "worker-failed";
  readonly summary: string;
  readonly hint: string;
  readonly url: string;
}

/** An exception that Python code raised and did not catch. `message` is the traceback. */
export class PythonError extends Error {
  /** The name of the exception's class. */
  readonly type: string;
  /** The exception's own words. */
  readonly summary: string;
}

/** The interpreter ended, by itself, by a crash or because it was stopped: nothing can be run in it any more. */
export class PythonEnded extends Error {
  readonly exitCode?: number;
}

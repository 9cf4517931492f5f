// The page's side of a run: it keeps what all runs share, starts a worker for each, and says how the worker ended.
// The runner calls `harness.run` and `harness.interrupt` through the DevTools protocol. Nothing here knows Python.

const here = new URL(".", import.meta.url);
// As long as one module of these bytes is alive, the engine compiles no other of them: all workers share its machine code.
let compiled;
const packs = new Map();
let interruptBuffer;
const SIGINT = 2;

/** Runs a guest in a worker of its own: `{ exited }`, `{ trapped }`, `{ timedOut }` or `{ failed }`. */
async function run(job) {
  compiled ??= WebAssembly.compileStreaming(fetch(new URL("package/python.wasm", here)));
  // Whatever is wrong with it is told by the package itself, in the worker.
  await compiled.catch(() => {});
  const directories = await Promise.all(job.directories.map(packed));
  interruptBuffer = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("worker.mjs", here), { type: "module" });
  const outputs = new Outputs(job.run);
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }) => {
        if (data.output) outputs.add(data.output, data.bytes);
        else if (!data.running) resolve(data);
        else if (job.limit) setTimeout(() => resolve({ timedOut: true }), job.limit);
      };
      worker.onerror = (event) => resolve({ failed: `the worker could not be started: ${event.message ?? "no reason is told"}` });
      worker.postMessage({ ...job, directories, interruptBuffer });
    });
  } finally {
    worker.terminate();
    await outputs.written();
  }
}

/** What a worker writes to the runner's files, in order, as fast as the runner takes it. */
class Outputs {
  #run;
  #waiting = [];
  #writing = Promise.resolve();

  constructor(run) {
    this.#run = run;
  }

  add(output, bytes) {
    this.#waiting.push({ output, bytes });
    if (this.#waiting.length === 1) this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when all that came so far is with the runner. */
  written() {
    return this.#writing;
  }

  async #write() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const output of new Set(waiting.map((one) => one.output))) {
      const parts = waiting.filter((one) => one.output === output).map((one) => one.bytes);
      const response = await fetch(new URL(`output/${this.#run}/${output}`, here), { method: "POST", body: new Blob(parts) });
      if (!response.ok) throw new Error(`the runner could not write: ${response.status} ${await response.text()}`);
    }
  }
}

/** Raises KeyboardInterrupt in the guest, as soon as it looks for signals. */
function interrupt() {
  if (!interruptBuffer) return;
  Atomics.store(interruptBuffer, 0, SIGINT);
  // It may be asleep.
  Atomics.notify(interruptBuffer, 0);
}

/** Brings a packed directory's files into memory that workers share; once for all runs. */
async function packed(directory) {
  if (directory.pack === undefined) return directory;
  if (!packs.has(directory.pack)) packs.set(directory.pack, download(directory.pack));
  return { ...directory, contents: await packs.get(directory.pack) };
}

async function download(pack) {
  const { size, entries } = await (await get(`pack/${pack}/index`)).json();
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  let position = 0;
  for await (const chunk of (await get(`pack/${pack}/data`)).body) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  if (position !== size) throw new Error(`the packed directory came only in part: ${position} of ${size} bytes`);
  return { entries, bytes };
}

async function get(path) {
  const response = await fetch(new URL(path, here));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

globalThis.harness = { run, interrupt };

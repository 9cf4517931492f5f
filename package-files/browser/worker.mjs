// The worker's side of a Python in a worker. The page's side is client.mjs, which starts this; pages import neither.

import { toPlain } from "./errors.mjs";
import { loadPython } from "./python.mjs";
import { askPage, INPUT } from "./shared.mjs";
import { INTERRUPTED } from "./streams.mjs";

const NO_INPUT = "python: there is no input here: a page can only make Python wait for it if it is cross-origin isolated\n" +
  "hint: the server has to send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp\n";

let python = null;

const methods = {
  async load(options, shared, hasInput) {
    python = await loadPython({
      ...options,
      interruptBuffer: shared?.signals,
      stdin: hasInput ? () => input(shared) : undefined,
      stdout: (bytes) => send("stdout", bytes),
      stderr: (bytes) => send("stderr", bytes),
      onProgress: (progress) => postMessage({ progress }),
    });
  },
  main: () => python.main(),
  run: (code) => python.run(code),
  runAsync: (code) => python.runAsync(code),
  readFile: (path, options) => python.readFile(path, options),
  writeFile: (path, data) => python.writeFile(path, data),
  readdir: (path) => python.FS.readdir(path),
};

addEventListener("message", async ({ data: { id, method, values } }) => {
  try {
    postMessage({ id, value: await methods[method](...values) });
  } catch (error) {
    postMessage({ id, error: toPlain(error) });
  }
});

function send(stream, bytes) {
  postMessage({ stream, bytes }, [bytes.buffer]);
}

/** Asks the page for input, and waits for it; nothing else runs in this worker meanwhile. */
function input(shared) {
  if (!shared) {
    send("stderr", new TextEncoder().encode(NO_INPUT));
    throw new Error("the page is not cross-origin isolated");
  }
  if (Atomics.load(shared.signals, 0)) return INTERRUPTED;
  const answer = askPage(shared);
  if (answer === INPUT.interrupted) return INTERRUPTED;
  if (answer === INPUT.failed) throw new Error("the page failed to give input");
  return answer;
}

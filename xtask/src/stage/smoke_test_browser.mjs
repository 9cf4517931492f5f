// Runs a package for browsers in Node.js, for the stage `check`: its python.mjs, with files read from the disk instead of a server.
// Node.js has the engine of Chromium. It is no browser: there is no page, no worker and no download in this.
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder, code] = process.argv.slice(2);
const types = { wasm: "application/wasm", mjs: "text/javascript", zip: "application/zip" };

async function fetch(url) {
  const bytes = await readFile(fileURLToPath(url));
  return new Response(bytes, { headers: { "content-type": types[url.split(".").pop()], "content-length": `${bytes.length}` } });
}

const base = pathToFileURL(`${folder}/`);
const { loadPython } = await import(new URL("python.mjs", base));
const python = await loadPython({
  args: ["-c", code],
  fetch,
  stdout: (bytes) => process.stdout.write(bytes),
  stderr: (bytes) => process.stderr.write(bytes),
});
process.exitCode = python.main();

// A server of files for the tests, which can be told to be bad: to send no headers, other types, less, or nothing.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml",
  ".wasm": "application/wasm", ".zip": "application/zip",
};
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp", "cross-origin-resource-policy": "same-origin",
};

/**
 * Serves a folder. `faults` has a function for each path that is to go wrong: it is given the response and the file's bytes.
 * It can be changed while the server runs.
 */
export async function serve(folder, { isolated = true, faults = {} } = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const name = path.endsWith("/") ? `${path}index.html` : path;
    if (path === "/blank.html") return response.writeHead(200, { "content-type": "text/html", ...(isolated ? ISOLATION : {}) }).end("<!doctype html><title>blank</title>");
    let bytes;
    try {
      bytes = await readFile(join(folder, normalize(name)));
    } catch {
      return response.writeHead(404).end("there is no such file");
    }
    if (faults[name]) return faults[name](response, bytes);
    response.writeHead(200, {
      "content-type": TYPES[extname(name)] ?? "text/plain", "content-length": bytes.length, "cache-control": "no-store", ...(isolated ? ISOLATION : {}),
    });
    response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

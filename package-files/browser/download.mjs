// Downloads the files of this package, reports progress, and explains what is wrong if that fails.
// It knows nothing of Python.

import { PythonLoadError } from "./errors.mjs";

const AGAIN = "check the connection, and load the page again";
const WHOLE = "copy the whole package to the server, and keep its files together";

/** A response to read from, or the error that says why there is none. */
async function request(url, fetch) {
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new PythonLoadError("download-failed", `${url} could not be downloaded: ${cause.message}`, { hint: AGAIN, url, cause });
  }
  if (!response.ok) {
    const status = [response.status, response.statusText].filter(Boolean).join(" ");
    const hint = response.status === 404 ? WHOLE : AGAIN;
    throw new PythonLoadError("download-failed", `${url} could not be downloaded: the server answered ${status}`, { hint, url });
  }
  return response;
}

/** The same response, with its bytes counted while they come. */
function counted(response, url, onProgress) {
  const file = new URL(url).pathname.split("/").pop();
  // With a compressed transfer, this header has the compressed size, and what is counted here is not compressed.
  const plain = !response.headers.get("content-encoding");
  const total = (plain && Number(response.headers.get("content-length"))) || 0;
  let loaded = 0;
  onProgress({ file, loaded, total });
  if (!response.body) return response;
  const count = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      onProgress({ file, loaded, total });
      controller.enqueue(chunk);
    },
    flush: () => onProgress({ file, loaded, total: loaded }),
  });
  return new Response(response.body.pipeThrough(count), { headers: response.headers });
}

async function bytesOf(response, url) {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new PythonLoadError("download-failed", `${url} came only in part: ${cause.message}`, { hint: AGAIN, url, cause });
  }
}

/** Says what a file is that is not what it should be. */
function wrongType(url, wanted, type, bytes) {
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart().toLowerCase();
  const page = start.startsWith("<!doctype") || start.startsWith("<html");
  const came = page ? "a web page" : type ? `a file of the type ${type}` : "something else";
  const hint = page ? `the server answers with a page where it has no such file: ${WHOLE}` : WHOLE;
  return new PythonLoadError("wrong-type", `${url} should be ${wanted}, and ${came} came`, { hint, url });
}

function begins(bytes, with_) {
  return with_.every((byte, index) => bytes[index] === byte);
}

/** Downloads a file whose first bytes are known, and gives all of them. */
export async function download(url, { fetch, onProgress, magic, wanted }) {
  const response = await request(url, fetch);
  const bytes = await bytesOf(counted(response, url, onProgress), url);
  if (!begins(bytes, magic)) throw wrongType(url, wanted, response.headers.get("content-type"), bytes);
  return bytes;
}

/** Downloads and compiles a WebAssembly module, both at once where the server says what the file is. */
export async function compile(url, { fetch, onProgress }) {
  const response = await request(url, fetch);
  const type = response.headers.get("content-type") ?? "";
  const streaming = WebAssembly.compileStreaming && type.split(";")[0].trim() === "application/wasm";
  const body = counted(response, url, onProgress);
  try {
    if (streaming) return await WebAssembly.compileStreaming(body);
    const bytes = await bytesOf(body, url);
    if (!begins(bytes, [0, 0x61, 0x73, 0x6d])) throw wrongType(url, "a WebAssembly module", type, bytes);
    console.warn(`${url} has the type "${type}" and not application/wasm: it is compiled only after the download is complete`);
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (cause instanceof PythonLoadError) throw cause;
    if (!(cause instanceof WebAssembly.CompileError)) {
      throw new PythonLoadError("download-failed", `${url} came only in part: ${cause.message}`, { hint: AGAIN, url, cause });
    }
    const bytes = streaming ? await firstBytes(url, fetch) : new Uint8Array([0, 0x61, 0x73, 0x6d]);
    if (!begins(bytes, [0, 0x61, 0x73, 0x6d])) throw wrongType(url, "a WebAssembly module", "", bytes);
    throw new PythonLoadError("unsupported-browser", `this browser cannot compile ${url}: ${cause.message}`, {
      hint: "take a newer browser, or download the file again if it came only in part", url, cause,
    });
  }
}

async function firstBytes(url, fetch) {
  try {
    return new Uint8Array(await (await fetch(url)).arrayBuffer()).subarray(0, 200);
  } catch {
    return new Uint8Array();
  }
}

/** Imports a JavaScript module; where that fails, asks the server why. */
export async function importModule(url, fetch) {
  try {
    return await import(url);
  } catch (cause) {
    const response = await request(url, fetch);
    const bytes = await bytesOf(response, url);
    const type = response.headers.get("content-type") ?? "";
    if (!/javascript|ecmascript/.test(type)) throw wrongType(url, "a JavaScript module with a JavaScript type", type, bytes);
    throw new PythonLoadError("download-failed", `${url} could not be run: ${cause.message}`, { hint: WHOLE, url, cause });
  }
}

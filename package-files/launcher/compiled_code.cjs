// Keeps what V8 compiled in the folder that PYTHON_NODE_CACHE names, for the next start.
//
// Browsers do the same through V8's embedder API. Node.js does not expose it, so this calls V8's native functions: the launcher
// passes --allow-natives-syntax, and options that optimize all code at once, because V8 serializes only optimized code.
// V8 rejects code from another version, processor or set of options, but it does not verify the rest: damaged code would run
// or crash the process. So each file begins with the hash of its contents, and is compiled again if the hash differs.
'use strict';

const crypto = require('crypto');
const fs = require('fs');

const hash = (bytes) => crypto.createHash('sha256').update(bytes).digest();

// The code that a file contains; undefined if its hash differs. The code is large, so it is read once, into the buffer for V8.
function whole(file) {
  const descriptor = fs.openSync(file);
  try {
    const expected = Buffer.alloc(32);
    const code = new Uint8Array(Math.max(0, fs.fstatSync(descriptor).size - expected.length));
    const read = fs.readSync(descriptor, expected) + fs.readSync(descriptor, code);
    return read === expected.length + code.length && hash(code).equals(expected) ? code.buffer : undefined;
  } finally {
    fs.closeSync(descriptor);
  }
}

// Returns the module for these bytes. If the folder cannot be used, this prints a warning and compiles the module.
exports.obtain = (bytes, folder) => {
  const name = crypto.createHash('sha256').update([process.versions.v8, process.arch, ...process.execArgv].join('\0'));
  const file = `${folder}/${name.update(bytes).digest('hex')}.v8`;
  let kept;
  try {
    kept = whole(file);
  } catch (error) {
    if (error.code !== 'ENOENT') console.error(`python: warning: PYTHON_NODE_CACHE cannot be used: ${error.message}`);
  }
  if (kept) {
    const module = %DeserializeWasmModule(kept, bytes);
    if (module) return module;
  }
  const module = new WebAssembly.Module(bytes);
  try {
    fs.mkdirSync(folder, { recursive: true });
    // Atomic: a process that starts at the same time finds a complete file or none.
    const unfinished = `${file}.${process.pid}`;
    const code = Buffer.from(%SerializeWasmModule(module));
    fs.writeFileSync(unfinished, Buffer.concat([hash(code), code]));
    fs.renameSync(unfinished, file);
  } catch (error) {
    console.error(`python: warning: PYTHON_NODE_CACHE cannot be written: ${error.message}`);
  }
  return module;
};

// Keeps what V8 compiled in the folder that PYTHON_NODE_CACHE names, for the next start.
//
// This is what V8 does for browsers. Node.js has no function for it, so that V8's own are called by name: the launcher says
// --allow-natives-syntax, and that all code is to be optimized at once, since V8 keeps only optimized code.
// V8 takes nothing that another version, processor or set of options has made, but it believes what it is given: what is
// damaged would run as it is, or end the process. So each file begins with the hash of the rest, and is made anew if it differs.
'use strict';

const crypto = require('crypto');
const fs = require('fs');

const hash = (bytes) => crypto.createHash('sha256').update(bytes).digest();

// The kept code of a file; nothing if it is not what was written. It is large, and read once to where V8 takes it from.
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

// Gives the module of these bytes. Without a usable folder it is compiled anew, and a line says so.
exports.obtain = (bytes, folder) => {
  const name = crypto.createHash('sha256').update([process.versions.v8, process.arch, ...process.execArgv].join('\0'));
  const file = `${folder}/${name.update(bytes).digest('hex')}.v8`;
  let kept;
  try {
    kept = whole(file);
  } catch (error) {
    if (error.code !== 'ENOENT') console.error(`python: warning: PYTHON_NODE_CACHE is of no use: ${error.message}`);
  }
  if (kept) {
    const module = %DeserializeWasmModule(kept, bytes);
    if (module) return module;
  }
  const module = new WebAssembly.Module(bytes);
  try {
    fs.mkdirSync(folder, { recursive: true });
    // Complete or not there, for all who start at the same time.
    const unfinished = `${file}.${process.pid}`;
    const code = Buffer.from(%SerializeWasmModule(module));
    fs.writeFileSync(unfinished, Buffer.concat([hash(code), code]));
    fs.renameSync(unfinished, file);
  } catch (error) {
    console.error(`python: warning: PYTHON_NODE_CACHE cannot be written: ${error.message}`);
  }
  return module;
};

// Starts this package's Python in Node.js. The launcher in bin/ runs it with a large enough stack.
'use strict';

const MINIMUM = @NODE@;
if (Number(process.versions.node.split('.')[0]) < MINIMUM) {
  console.error(`python: error: ${process.execPath} is Node.js ${process.versions.node}, but ${MINIMUM} or newer is needed`);
  console.error('hint: install a newer one, or set PYTHON_NODE to its path');
  process.exit(1);
}

@THREADS@function compile() {
  const bytes = require('fs').readFileSync(`${__dirname}/python.wasm`);
  const folder = process.env.PYTHON_NODE_CACHE;
  if (folder) return require('./compiled_code.cjs').obtain(bytes, folder);
  // V8 optimizes a function after it has executed this many bytes of its code; a backward jump counts the bytes it jumps over.
  // By default, that is too early for Python's interpreter loop: V8 does not yet know which calls are worth inlining.
  // With this budget, a loop in Python takes 0.6 of the time, and a start 0.7 of the processor time and 12 MB less memory.
  require('v8').setFlagsFromString('--wasm-tiering-budget=300000000');
  return new WebAssembly.Module(bytes);
}

try {
  require('./python.js')({
    thisProgram: `${__dirname}/bin/python@MINOR@`,
    arguments: process.argv.slice(2),
    // Synchronous, so that Python runs inside the `try` below: Emscripten's default runs it in a promise, where traps are lost.
    instantiateWasm: (imports, receive) => {
      const module = compile();
      return receive(new WebAssembly.Instance(module, imports), module);
    },
    preRun: [(module) => {
      // Python gets the unchanged environment, without Emscripten's default values.
      for (const name of ['USER', 'LOGNAME', 'PATH', 'PWD', 'HOME', 'LANG', '_']) module.ENV[name] = undefined;
      Object.assign(module.ENV, process.env);
    }],
  });
} catch (error) {
  // A trap or a stack overflow. Output that Python has not flushed is lost.
  console.error(`python: fatal: ${error.stack ?? error}`);
  // The exit code of a process that SIGABRT killed.
  process.exit(134);
}

// Starts this package's Python in Node.js. The launcher in bin/ calls it, with a stack that is large enough.
'use strict';

const MINIMUM = @NODE@;
if (Number(process.versions.node.split('.')[0]) < MINIMUM) {
  console.error(`python: error: ${process.execPath} is Node.js ${process.versions.node}, and ${MINIMUM} or newer is needed`);
  console.error('hint: install a newer one, or name its program in PYTHON_NODE');
  process.exit(1);
}

@THREADS@function compile() {
  const bytes = require('fs').readFileSync(`${__dirname}/python.wasm`);
  const folder = process.env.PYTHON_NODE_CACHE;
  if (folder) return require('./compiled_code.cjs').obtain(bytes, folder);
  // V8 optimizes a function when it has run through so many bytes of it, a jump back counting all that it jumps over. In Python's
  // loop over its instructions that is soon, before V8 knows which calls are worth inlining. This is late enough for that: a loop
  // in Python takes 0.6 of the time, and a start 0.7 of the processor time and 12 MB less memory.
  require('v8').setFlagsFromString('--wasm-tiering-budget=300000000');
  return new WebAssembly.Module(bytes);
}

try {
  require('./python.js')({
    thisProgram: `${__dirname}/bin/python@MINOR@`,
    arguments: process.argv.slice(2),
    // At once, so that all of Python runs below: what Emscripten does itself runs in a promise, where traps are not heard of.
    instantiateWasm: (imports, receive) => {
      const module = compile();
      return receive(new WebAssembly.Instance(module, imports), module);
    },
    preRun: [(module) => {
      // Python sees the environment as it is, without the values that Emscripten would put into it.
      for (const name of ['USER', 'LOGNAME', 'PATH', 'PWD', 'HOME', 'LANG', '_']) module.ENV[name] = undefined;
      Object.assign(module.ENV, process.env);
    }],
  });
} catch (error) {
  // A trap, or a stack that is full. What Python has not written by now is lost.
  console.error(`python: fatal: ${error.stack ?? error}`);
  // As if a signal had ended it, SIGABRT.
  process.exit(134);
}

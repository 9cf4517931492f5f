// Starts this package's Python in Node.js. The launcher in bin/ calls it, with a stack that is large enough.
'use strict';

const OLDEST = @NODE@;
if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  console.error(`python: error: ${process.execPath} is Node.js ${process.versions.node}, and ${OLDEST} is the oldest that will do`);
  console.error('hint: install a newer one, or name its program in PYTHON_NODE');
  process.exit(1);
}

@THREADS@require('./python.js')({
  thisProgram: `${__dirname}/bin/python@MINOR@`,
  arguments: process.argv.slice(2),
  preRun: [(module) => {
    // Python sees the environment as it is, without the values that Emscripten would put into it.
    for (const name of ['USER', 'LOGNAME', 'PATH', 'PWD', 'HOME', 'LANG', '_']) module.ENV[name] = undefined;
    Object.assign(module.ENV, process.env);
  }],
});

// Runs a program with Pyodide in Node.js, with its own file system in memory: node.mjs PROGRAM.
import { readFileSync, readSync, writeSync } from "node:fs";

const TRAPPED = 134;
const PROGRAM = "/probe/probe.py";
const FOLDER = "/work";

const text = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** Writes all of it, however small the pipe is. */
function write(descriptor, bytes) {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
  return bytes.length;
}

try {
  const { loadPyodide } = await import("./pyodide.mjs");
  const pyodide = await loadPyodide({ env: { HOME: "/home" } });
  pyodide.setStdin({ read: (buffer) => readSync(0, buffer), isatty: false });
  pyodide.setStdout({ write: (bytes) => write(1, bytes), isatty: false });
  pyodide.setStderr({ write: (bytes) => write(2, bytes), isatty: false });
  for (const folder of ["/probe", FOLDER]) pyodide.FS.mkdirTree(folder);
  pyodide.FS.writeFile(PROGRAM, readFileSync(process.argv[2]));
  pyodide.FS.chdir(FOLDER);
  process.exitCode = pyodide.runPython(text("start.py"))(PROGRAM) & 0xff;
} catch (error) {
  console.error(error.stack ?? error);
  process.exitCode = TRAPPED;
}
// Timers that the program left do not keep it alive.
process.exit();

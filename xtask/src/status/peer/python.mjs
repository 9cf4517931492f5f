// Makes Pyodide look like a package for browsers, to the worker that runs such packages: `loadPython`, `FS` and `main`.

/** Loads it, with the streams of the worker. */
export async function loadPython({ args, env, baseURL, interruptBuffer, stdin, stdout, stderr }) {
  const { loadPyodide } = await import("./pyodide.mjs");
  const start = await (await fetch(new URL("start.py", baseURL))).text();
  const pyodide = await loadPyodide({ indexURL: baseURL, env: { HOME: "/home", ...env } });
  const writer = (write) => ({
    write(bytes) {
      write(bytes.slice());
      return bytes.length;
    },
    isatty: false,
  });
  pyodide.setStdin({ stdin: () => stdin() ?? null, isatty: false });
  pyodide.setStdout(writer(stdout));
  pyodide.setStderr(writer(stderr));
  if (interruptBuffer) pyodide.setInterruptBuffer(interruptBuffer);
  return { FS: pyodide.FS, main: () => pyodide.runPython(start)(args[0]) };
}

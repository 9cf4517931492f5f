// Runs a program with Pyodide in Node.js, as its documentation says to: pyodide_node.mjs FOLDER-OF-PYODIDE -c PROGRAM, or FILE.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...words] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide();
pyodide.runPython(words[0] === "-c" ? words[1] : readFileSync(words[0], "utf8"));

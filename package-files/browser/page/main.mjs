// The page: a terminal, a Python in a worker, and what lies around them. index.html has the elements.

import { loadPythonWorker, PythonLoadError } from "../python.mjs";
import { Editor } from "./editor.mjs";
import { followTheme } from "./theme.mjs";
import { dropFiles } from "./files.mjs";
import { codeOfAddress, copyLink } from "./link.mjs";
import { prepareOffline } from "./offline.mjs";

const element = (id) => document.getElementById(id);
const NO_INPUT_HINT = "its server has to send " +
  "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, over HTTPS";
const NO_INPUT = `there is no input here, because this page is not cross-origin isolated: ${NO_INPUT_HINT}`;

const READER = "python-screen-reader";

const STATES = {
  loading: "Loading", ready: "Ready", running: "Running", waiting: "Waiting for input", ended: "Ended", failed: "Not loaded",
};

/** Which of the two Pythons the address asks for: a link says it. */
const WASI = new URLSearchParams(location.search).get("system") === "wasi";
const NO_WASI_INPUT = "on WASI, Python takes its code from its input, which it can only wait for on a page that is cross-origin isolated";

let python = null;
let editor = null;
let terminal = null;
let state = "loading";
let last = "";
let restarting = false;

function become(next) {
  state = next;
  document.body.dataset.state = next;
  element("status").textContent = STATES[next];
  const loaded = next !== "loading" && next !== "failed";
  element("restart").disabled = !loaded;
  // On WASI, Python waits in its own interactive interpreter, and hears of nothing else.
  for (const id of ["files", "link"]) element(id).disabled = !loaded || WASI;
  element("interrupt").disabled = next !== "running" && next !== "waiting";
}

function notice(text) {
  element("notice").textContent = text;
}

/** A line of the page's own in the terminal. */
function say(text) {
  const begin = terminal.buffer.active.cursorX > 0 ? "\r\n" : "";
  terminal.write(`${begin}\x1b[90m${text}\x1b[39m\r\n`);
}

function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function makeTerminal() {
  const terminal = new Terminal({
    convertEol: true,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: 'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
    fontSize: innerWidth < 640 ? 13 : 15,
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    scrollback: 10000,
    // Not always on: with it, xterm.js does not take what is put in without a keyboard, such as emoji.
    screenReaderMode: storage()?.getItem(READER) === "yes",
  });
  const fit = new FitAddon.FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element("terminal"));
  followTheme((theme) => (terminal.options.theme = theme));
  new ResizeObserver(() => fit.fit()).observe(element("terminal"));
  fit.fit();
  let leaving = false;
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === "Escape") leaving = event.type === "keydown" || leaving;
    else if (event.key === "Tab") {
      // The browser moves the focus: nobody is caught in the terminal.
      if (event.shiftKey || leaving) return false;
    } else if (event.type === "keydown") leaving = false;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "c" && terminal.hasSelection()) return false;
    if (command && event.key === "v") return false;
    if (event.shiftKey && event.key === "Enter") {
      if (event.type === "keydown") editor.feed("\n");
      event.preventDefault();
      return false;
    }
    return true;
  });
  return terminal;
}

/** Runs Python code of the page's own, which gives a plain value. */
async function ask(name, text) {
  return python.run(`__import__("_browser_console").${name}(${JSON.stringify(text)})`);
}

function interrupt() {
  if (state !== "running" && state !== "waiting") return;
  terminal.write("^C");
  if (python.interrupt()) return;
  say("Python restarts: all variables are lost.");
}

async function readInput({ signal }) {
  become("waiting");
  const line = await editor.readLine(signal);
  become("running");
  return line;
}

const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
const write = (stream) => (bytes) => terminal.write(decoders[stream].decode(bytes, { stream: true }));

function progress({ loaded, total }) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const bar = element("progress");
  if (total) [bar.max, bar.value] = [total, loaded];
  const all = total ? ` of ${megabytes(total)}` : "";
  const done = total && loaded >= total;
  element("progress-text").textContent = done ? `${megabytes(total)} MB are here. Starting…` : `Downloading: ${megabytes(loaded)}${all} MB`;
}

/** Runs a block; gives the exit code if it ended Python, and null otherwise. */
async function run(block) {
  try {
    return await python.runAsync(`await __import__("_browser_console").push(${JSON.stringify(block)})`);
  } catch (error) {
    if (error.name !== "PythonError") throw error;
    terminal.write(`\x1b[31m${error.message}\x1b[39m\n`);
    return null;
  }
}

/** Reads, runs, and prints until Python ends. */
async function session(initial) {
  for (;;) {
    become("ready");
    const block = await editor.readBlock(initial);
    initial = "";
    if (restarting) throw new Error("restarted");
    if (block === undefined) {
      terminal.write("KeyboardInterrupt\r\n");
      continue;
    }
    if (block === null) return 0;
    if (block === "") continue;
    last = block;
    become("running");
    const exitCode = await run(block);
    if (exitCode !== null) return exitCode;
  }
}

async function greet() {
  const banner = await python.run('__import__("_browser_console").banner()');
  element("title").textContent = banner.split(" ").slice(0, 2).join(" ");
  document.title = element("title").textContent;
  terminal.write(`${banner}\n`);
  if (python.isolated) return;
  await ask("no_input", NO_INPUT);
  notice("Not cross-origin isolated: input() is not available, and Ctrl-C restarts Python.");
}

/** One session after the other, each in a new Python. */
async function sessions() {
  let initial = codeOfAddress();
  if (initial) notice("This code came with the link. Read it, and press Enter to run it.");
  for (;;) {
    try {
      const exitCode = await session(initial);
      say(`[Python ended with ${exitCode}; a new one starts]`);
    } catch (error) {
      if (error.name === "PythonLoadError") throw error;
      // A message that comes from a crash is worth reading; the page's own reasons were told.
      if (/crashed|ended with/.test(error.message)) say(`[${error.message.split("\n")[0]}; a new one starts]`);
    }
    [initial, restarting] = ["", false];
    become("running");
    await python.restart();
    await greet();
  }
}

/** On WASI: Python's own interactive interpreter, which reads what is typed line by line. */
async function programs() {
  element("title").textContent = document.title = "Python on WASI";
  notice("WASI: no completion, no access to your files, and Ctrl-C restarts Python.");
  for (;;) {
    become("running");
    try {
      say(`[Python ended with ${await python.main()}; a new one starts]`);
    } catch (error) {
      if (error.name !== "PythonEnded") say(`[Python crashed: ${error.message.split("\n")[0]}; a new one starts]`);
    }
    await python.restart();
  }
}

function sentence(text) {
  // An address stays as it is.
  const begin = /^https?:/.test(text) ? text.slice(0, 1) : text.slice(0, 1).toUpperCase();
  return text && `${begin}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

function failed(error) {
  const known = error?.name === "PythonLoadError";
  const text = known ? error.summary : `Something in this page failed: ${error?.message ?? error}`;
  pythonPageFailed(sentence(text), sentence(known ? error.hint : "try again; if it stays so, it is a fault of this page"));
  become("failed");
  console.error(error);
  element("retry").focus();
}

async function begin() {
  if (typeof Terminal === "undefined" || typeof FitAddon === "undefined") {
    pythonPageFailed("The terminal (page/xterm/) could not be downloaded.", "Check the connection, and try again.");
    return become("failed");
  }
  await prepareOffline();
  become("loading");
  connectSystem();
  if (WASI && globalThis.crossOriginIsolated !== true) throw new PythonLoadError("unsupported-browser", NO_WASI_INPUT, { hint: NO_INPUT_HINT });
  terminal = makeTerminal();
  const answers = { more: (text) => ask("more", text), complete: (line) => ask("complete", line), interrupt };
  editor = new Editor(terminal, answers, storage());
  python = await loadPythonWorker({
    stdin: readInput, stdout: write("stdout"), stderr: write("stderr"), onProgress: progress,
    ...(WASI ? { system: "wasi", args: ["-i"] } : {}),
    env: { FORCE_COLOR: "1", TERM: "xterm-256color", COLUMNS: String(terminal.cols), LINES: String(terminal.rows) },
  });
  element("loading").hidden = true;
  become("running");
  terminal.focus();
  connect();
  if (WASI) return programs();
  await greet();
  await sessions();
}

/** The switch for screen readers, which keeps its position. */
function connectReader() {
  const show = () => element("reader").setAttribute("aria-pressed", String(terminal.options.screenReaderMode));
  element("reader").addEventListener("click", () => {
    terminal.options.screenReaderMode = !terminal.options.screenReaderMode;
    storage()?.setItem(READER, terminal.options.screenReaderMode ? "yes" : "no");
    show();
    terminal.focus();
  });
  show();
}

/** The choice between the two Pythons, each of which has an address of its own. */
function connectSystem() {
  const choice = element("system");
  document.body.dataset.system = choice.value = WASI ? "wasi" : "emscripten";
  choice.addEventListener("change", () => {
    const address = new URL(location.href);
    if (choice.value === "wasi") address.searchParams.set("system", "wasi");
    else address.searchParams.delete("system");
    location.assign(address);
  });
}

/** The buttons and keys around the terminal. */
function connect() {
  connectReader();
  element("interrupt").addEventListener("click", () => (interrupt(), terminal.focus()));
  element("restart").addEventListener("click", () => {
    say("Restarted: all variables are lost.");
    restarting = true;
    python.terminate();
    editor.abandon();
    terminal.focus();
  });
  element("link").addEventListener("click", async () => {
    notice(await copyLink(editor.text || last));
    terminal.focus();
  });
  element("skip").addEventListener("click", (event) => (event.preventDefault(), terminal.focus()));
  for (const button of element("keys").querySelectorAll("button")) {
    // The keyboard of a phone stays where it is.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => (editor.feed(button.dataset.key), terminal.focus()));
  }
  dropFiles({
    area: element("drop"), button: element("files"), input: element("file-input"),
    take: async (name, bytes) => {
      if (state !== "ready") return notice("Python is busy: files can be added when it is ready.");
      await python.writeFile(name, bytes);
      notice(`${name} is in Python's current folder.`);
    },
  });
  addEventListener("hashchange", () => {
    const code = codeOfAddress();
    if (code && state === "ready") editor.paste(code);
  });
}

begin().catch(failed);

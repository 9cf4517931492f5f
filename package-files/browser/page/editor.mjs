// Edits blocks of code and lines of input in a terminal: keys in, text out. It knows nothing of Python's worker.

import { colours } from "./highlight.mjs";
import { History } from "./history.mjs";
import { layout } from "./layout.mjs";

const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = "\x1b[201~";
// One key: a pasted text, an escape sequence, or a character.
const KEY = /\x1b\[200~[\s\S]*?\x1b\[201~|\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[\s\S])?|[\s\S]/gu;
const INDENTATION = "    ";

const NAMES = {
  "\x1b[A": "up", "\x1bOA": "up", "\x10": "up", "\x1b[B": "down", "\x1bOB": "down", "\x0e": "down",
  "\x1b[C": "right", "\x1bOC": "right", "\x06": "right", "\x1b[D": "left", "\x1bOD": "left", "\x02": "left",
  "\x1b[H": "home", "\x1bOH": "home", "\x01": "home", "\x1b[F": "end", "\x1bOF": "end", "\x05": "end",
  "\x1b[1;5C": "wordRight", "\x1b[1;3C": "wordRight", "\x1bf": "wordRight",
  "\x1b[1;5D": "wordLeft", "\x1b[1;3D": "wordLeft", "\x1bb": "wordLeft",
  "\x7f": "backspace", "\b": "backspace", "\x1b[3~": "delete", "\x04": "deleteOrEnd",
  "\x0b": "killToEnd", "\x15": "killToStart", "\x17": "killWord", "\x1b\x7f": "killWord", "\x19": "yank",
  "\r": "enter", "\n": "newline", "\t": "tab", "\x0c": "clear", "\x03": "interrupt",
};

export class Editor {
  #terminal;
  #ask;
  #reading = null;
  #keys = [];
  #busy = false;
  #text = "";
  #cursor = 0;
  #row = 0;
  #killed = "";
  #goal = null;
  #history;

  /** `ask` has `more(text)`, `complete(line)` and `interrupt()`. */
  constructor(terminal, ask, storage) {
    this.#terminal = terminal;
    this.#ask = ask;
    this.#history = new History(storage);
    terminal.onData((data) => this.feed(data));
    terminal.onResize(() => this.#resized());
  }

  get text() {
    return this.#reading ? this.#text : "";
  }

  /** A block of code, or null at the end of input; resolves with undefined if it was interrupted. */
  readBlock(initial = "") {
    return this.#read({ prompt: ">>> ", continuation: "... ", block: true }, initial);
  }

  /** A line for `input()`, with its newline, behind whatever stands there; null at the end of input. */
  async readLine(signal) {
    const reading = this.#read({ prompt: "", continuation: "", block: false }, "");
    signal.addEventListener("abort", () => this.#finish(undefined));
    const line = await reading;
    return typeof line === "string" ? `${line}\n` : line ?? null;
  }

  /** What was typed, or a text that stands for keys. */
  feed(data) {
    for (const [key] of data.matchAll(KEY)) {
      // Nothing that is typed ahead comes before an interrupt.
      if (key === "\x03" && !this.#reading) {
        this.#keys = [];
        this.#ask.interrupt();
      } else {
        this.#keys.push(key);
      }
    }
    this.#work();
  }

  /** Ends whatever is read, as an interrupt does. */
  abandon() {
    this.#keys = [];
    this.#finish(undefined);
  }

  paste(text) {
    this.feed(`${PASTE_BEGIN}${text}${PASTE_END}`);
  }

  async #read(mode, initial) {
    await new Promise((resolve) => this.#terminal.write("", resolve));
    let startColumn = this.#terminal.buffer.active.cursorX;
    if (mode.block && startColumn > 0) {
      this.#terminal.write("\r\n");
      startColumn = 0;
    }
    [this.#text, this.#cursor, this.#row] = [initial, initial.length, 0];
    this.#history.leave();
    this.#terminal.write("\x1b[?2004h");
    const done = new Promise((resolve) => (this.#reading = { ...mode, startColumn, resolve }));
    this.#draw();
    this.#work();
    return done;
  }

  #finish(result) {
    if (!this.#reading) return;
    const { resolve } = this.#reading;
    this.#cursor = this.#text.length;
    this.#draw();
    this.#terminal.write("\x1b[?2004l\r\n");
    this.#reading = null;
    resolve(result);
  }

  /** Works on keys one after the other: some of them have to wait for an answer. */
  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#reading && this.#keys.length > 0) await this.#press(this.#keys.shift());
    } finally {
      this.#busy = false;
    }
  }

  async #press(key) {
    if (key.startsWith(PASTE_BEGIN)) return this.#pasted(key.slice(PASTE_BEGIN.length, -PASTE_END.length));
    const name = NAMES[key];
    if (name !== "up" && name !== "down") this.#goal = null;
    if (name) await this[`_${name}`]();
    else if (key >= " ") this.#insert(key);
    if (this.#reading) this.#draw();
  }

  async #pasted(pasted) {
    const text = pasted.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll("\t", INDENTATION);
    if (!this.#reading.block) {
      const [line, ...rest] = text.split("\n");
      this.#insert(line);
      this.#draw();
      if (rest.length === 0) return;
      this.#keys.unshift(...`${rest.join("\r")}`);
      return this.#finish(this.#text);
    }
    const whole = text.endsWith("\n") && this.#cursor === this.#text.length;
    this.#insert(whole ? text.replace(/\n+$/, "") : text);
    this.#draw();
    // What was pasted with its last line's end is run, as if it had been typed.
    if (whole && !(await this.#ask.more(`${this.#text}\n`))) this.#submit();
  }

  #insert(text) {
    this.#text = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    this.#cursor += text.length;
  }

  #remove(from, to) {
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#cursor = from;
  }

  #submit() {
    const text = this.#text.replace(/\s+$/, "");
    this.#text = text;
    this.#history.add(text);
    this.#finish(text);
  }

  #lineStart(at = this.#cursor) {
    return this.#text.lastIndexOf("\n", at - 1) + 1;
  }

  #lineEnd(at = this.#cursor) {
    const end = this.#text.indexOf("\n", at);
    return end < 0 ? this.#text.length : end;
  }

  #wordLeftOf(at) {
    const before = this.#text.slice(0, at);
    return before.replace(/[\p{L}\p{N}_]+[^\p{L}\p{N}_]*$|[^\p{L}\p{N}_]+$/u, "").length;
  }

  #step(direction) {
    // A character outside of the basic plane is two units of the string.
    const characters = direction < 0 ? [...this.#text.slice(0, this.#cursor)].pop() : [...this.#text.slice(this.#cursor)][0];
    return this.#cursor + direction * (characters?.length ?? 0);
  }

  async _enter() {
    if (!this.#reading.block) return this.#finish(this.#text);
    const atEnd = this.#text.slice(this.#cursor).trim() === "";
    const several = this.#text.includes("\n");
    if (!several && this.#text.trim() === "") return this.#submit();
    if ((atEnd || !several) && !(await this.#ask.more(this.#text))) return this.#submit();
    if (!several && !atEnd) this.#cursor = this.#text.length;
    this._newline();
  }

  /** A new line that begins as deep as the last one, or deeper after a colon. */
  _newline() {
    if (!this.#reading.block) return;
    const line = this.#text.slice(this.#lineStart(), this.#cursor);
    const deeper = /:\s*(#.*)?$/.test(line) ? INDENTATION : "";
    const shallower = /^\s*(return|pass|break|continue|raise)\b/.test(line);
    let indentation = /^ */.exec(line)[0] + deeper;
    if (shallower) indentation = indentation.slice(INDENTATION.length);
    this.#insert(`\n${indentation}`);
  }

  _left() {
    this.#cursor = this.#step(-1);
  }

  _right() {
    this.#cursor = this.#step(1);
  }

  _wordLeft() {
    this.#cursor = this.#wordLeftOf(this.#cursor);
  }

  _wordRight() {
    const after = this.#text.slice(this.#cursor);
    this.#cursor += /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(after)[0].length;
  }

  _home() {
    this.#cursor = this.#lineStart();
  }

  _end() {
    this.#cursor = this.#lineEnd();
  }

  _up() {
    const start = this.#lineStart();
    if (start === 0) return this.#recall(this.#history.older(this.#text));
    this.#goal ??= this.#cursor - start;
    const above = this.#lineStart(start - 1);
    this.#cursor = Math.min(above + this.#goal, start - 1);
  }

  _down() {
    const end = this.#lineEnd();
    if (end === this.#text.length) return this.#recall(this.#history.newer());
    this.#goal ??= this.#cursor - this.#lineStart();
    this.#cursor = Math.min(end + 1 + this.#goal, this.#lineEnd(end + 1));
  }

  #recall(text) {
    if (text === undefined || !this.#reading.block) return;
    [this.#text, this.#cursor] = [text, text.length];
  }

  _backspace() {
    const line = this.#text.slice(this.#lineStart(), this.#cursor);
    const indented = line.length > 0 && line.trim() === "" && line.length % INDENTATION.length === 0;
    this.#remove(indented ? this.#cursor - INDENTATION.length : this.#step(-1), this.#cursor);
  }

  _delete() {
    this.#remove(this.#cursor, this.#step(1));
  }

  _deleteOrEnd() {
    if (this.#text === "") return this.#finish(null);
    this._delete();
  }

  #kill(from, to) {
    this.#killed = this.#text.slice(from, to);
    this.#remove(from, to);
  }

  _killToEnd() {
    this.#kill(this.#cursor, this.#lineEnd());
  }

  _killToStart() {
    this.#kill(this.#lineStart(), this.#cursor);
  }

  _killWord() {
    this.#kill(this.#wordLeftOf(this.#cursor), this.#cursor);
  }

  _yank() {
    this.#insert(this.#killed);
  }

  _interrupt() {
    if (!this.#reading.block) return this.#ask.interrupt();
    this.#finish(undefined);
  }

  _clear() {
    this.#terminal.write("\x1b[H\x1b[2J\x1b[3J");
    this.#row = 0;
    this.#reading.startColumn = 0;
  }

  async _tab() {
    const line = this.#text.slice(this.#lineStart(), this.#cursor);
    if (!this.#reading.block || line.trim() === "") return this.#insert(INDENTATION);
    const { start, words } = await this.#ask.complete(line);
    if (!this.#reading || words.length === 0) return;
    const word = line.slice(start);
    let common = words[0];
    for (const other of words) while (!other.startsWith(common)) common = common.slice(0, -1);
    if (common.length > word.length) return this.#insert(common.slice(word.length));
    if (words.length > 1) this.#list(words);
  }

  /** Lists words below what is edited, which is drawn once more below them. */
  #list(words) {
    const names = words.map((word) => word.split(".").pop() || word);
    const widest = Math.max(...names.map((name) => name.length)) + 2;
    const columns = Math.max(1, Math.floor(this.#terminal.cols / widest));
    const rows = Math.ceil(names.length / columns);
    const lines = Array.from({ length: rows }, (_, row) =>
      names.filter((_, index) => index % rows === row).map((name) => name.padEnd(widest)).join("").trimEnd());
    const cursor = this.#cursor;
    this.#cursor = this.#text.length;
    this.#draw();
    this.#cursor = cursor;
    this.#terminal.write(`\r\n\x1b[90m${lines.join("\r\n")}\x1b[39m\r\n`);
    this.#row = 0;
    this.#reading.startColumn = 0;
  }

  #layout() {
    const { prompt, continuation, startColumn, block } = this.#reading;
    const marks = block ? colours(this.#text) : undefined;
    const [text, cursor, columns] = [this.#text, this.#cursor, this.#terminal.cols];
    return layout({ text, cursor, prompt, continuation, startColumn, columns, colours: marks });
  }

  #draw() {
    const { output, cursor, end } = this.#layout();
    const up = (rows) => (rows > 0 ? `\x1b[${rows}A` : "");
    const right = (columns) => (columns > 0 ? `\x1b[${columns}C` : "");
    const start = `${up(this.#row)}\r${right(this.#reading.startColumn)}\x1b[J`;
    this.#terminal.write(`\x1b[?25l${start}${output}${up(end.row - cursor.row)}\r${right(cursor.column)}\x1b[?25h`);
    this.#row = cursor.row;
  }

  /** The terminal has broken the lines anew, as the layout does it. */
  #resized() {
    if (!this.#reading) return;
    this.#row = this.#layout().cursor.row;
    this.#draw();
  }
}

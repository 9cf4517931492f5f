// What was typed before, kept by the browser where it may be.

const KEY = "python-history";
const MOST = 500;

export class History {
  #storage;
  #entries = [];
  #at = 0;
  #draft = "";

  /** `storage` is `localStorage`, or null where the browser refuses it. */
  constructor(storage) {
    this.#storage = storage;
    try {
      this.#entries = JSON.parse(storage?.getItem(KEY) ?? "[]");
    } catch {
      this.#entries = [];
    }
    this.leave();
  }

  leave() {
    this.#at = this.#entries.length;
    this.#draft = "";
  }

  add(text) {
    if (text.trim() === "" || text === this.#entries.at(-1)) return;
    this.#entries = [...this.#entries, text].slice(-MOST);
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#entries));
    } catch {
      // The room is used up, or storing is forbidden: the history is for this visit then.
    }
  }

  older(draft) {
    if (this.#at === 0) return undefined;
    if (this.#at === this.#entries.length) this.#draft = draft;
    this.#at -= 1;
    return this.#entries[this.#at];
  }

  newer() {
    if (this.#at === this.#entries.length) return undefined;
    this.#at += 1;
    return this.#at === this.#entries.length ? this.#draft : this.#entries[this.#at];
  }
}

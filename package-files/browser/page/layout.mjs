// Where the characters of an edited text come to stand in a terminal of so many columns. Pure.

/** How many columns a character takes, as xterm.js counts them. */
export function width(character) {
  const code = character.codePointAt(0);
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return 0;
  const wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/**
 * Lays a text out behind a prompt. Rows and columns begin at 0, rows at the prompt's own.
 * @returns what to write, where the cursor stands, and how many rows there are
 */
export function layout({ text, cursor, prompt, continuation, startColumn, columns, colours }) {
  let [row, column, output, colour] = [0, startColumn, "", undefined];
  let at = null;
  const put = (character, size) => {
    if (column + size > columns) {
      output += "\r\n";
      [row, column] = [row + 1, 0];
    }
    output += character;
    column += size;
  };
  const paint = (next) => {
    if (next === colour) return;
    output += next ? `\x1b[${next}m` : "\x1b[39m";
    colour = next;
  };
  const putPrompt = (words) => {
    paint(undefined);
    output += `\x1b[1;35m${words}\x1b[22;39m`;
    column += words.length;
  };
  const edge = () => {
    // A cursor cannot stand behind the last column.
    if (column < columns) return;
    output += "\r\n";
    [row, column] = [row + 1, 0];
  };
  if (prompt) putPrompt(prompt);
  let index = 0;
  for (const character of text) {
    if (index === cursor) {
      edge();
      at = { row, column };
    }
    if (character === "\n") {
      output += "\r\n";
      [row, column] = [row + 1, 0];
      putPrompt(continuation);
    } else {
      paint(colours?.[index]);
      const size = character === "\t" ? 4 : width(character);
      put(character === "\t" ? "    " : size || character >= " " ? character : "", size);
    }
    index += character.length;
  }
  paint(undefined);
  if (index === cursor) {
    edge();
    at = { row, column };
  }
  return { output, cursor: at ?? { row, column }, end: { row, column } };
}

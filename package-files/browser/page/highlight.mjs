// Colours for a line of Python while it is typed. It looks at characters, not at grammar: good enough to read by.

const KEYWORDS = new Set(("False None True and as assert async await break class continue def del elif else except finally for from global " +
  "if import in is lambda nonlocal not or pass raise return try while with yield match case type").split(" "));
const BUILTINS = new Set(("abs all any bool bytes dict dir enumerate filter float format frozenset getattr hasattr help input int isinstance " +
  "iter len list map max min next object open ord chr pow print range repr reversed round set setattr sorted str sum super tuple type vars zip").split(" "));

const TOKEN = /(?<comment>#[^\n]*)|(?<string>[rbfuRBFU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(?<number>\b\d[\w.]*)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<decorator>@[\w.]+)/gu;

const COLOURS = { comment: "90", string: "32", number: "33", keyword: "34", builtin: "36", decorator: "35" };

/** For each character of the text, the number of its colour, or nothing. */
export function colours(text) {
  const found = new Array(text.length);
  for (const match of text.matchAll(TOKEN)) {
    const { comment, string, number, name } = match.groups;
    let kind = "decorator";
    if (comment !== undefined) kind = "comment";
    else if (string !== undefined) kind = "string";
    else if (number !== undefined) kind = "number";
    else if (name !== undefined) kind = KEYWORDS.has(name) ? "keyword" : BUILTINS.has(name) ? "builtin" : "";
    if (COLOURS[kind]) found.fill(COLOURS[kind], match.index, match.index + match[0].length);
  }
  return found;
}

// The terminal's colours, for light and for dark surroundings: each is legible on its background.

const LIGHT = {
  background: "#fcfcfa", foreground: "#24292f", cursor: "#2f5d8a", cursorAccent: "#fcfcfa", selectionBackground: "#cfe0f1",
  black: "#24292f", red: "#b3261e", green: "#23743d", yellow: "#8a5a00", blue: "#2257a8", magenta: "#8b3fa8", cyan: "#0f6f7c", white: "#6a737d",
  brightBlack: "#69737d", brightRed: "#b3261e", brightGreen: "#23743d", brightYellow: "#8a5a00", brightBlue: "#2257a8",
  brightMagenta: "#8b3fa8", brightCyan: "#0f6f7c", brightWhite: "#24292f",
};

const DARK = {
  background: "#15181c", foreground: "#e2e5e9", cursor: "#8ab9e6", cursorAccent: "#15181c", selectionBackground: "#2f4a66",
  black: "#30363d", red: "#f2857c", green: "#84cf95", yellow: "#e3b75f", blue: "#86b4f2", magenta: "#d59bea", cyan: "#72cbd8", white: "#c9d1d9",
  brightBlack: "#8b949e", brightRed: "#f2857c", brightGreen: "#84cf95", brightYellow: "#e3b75f", brightBlue: "#86b4f2",
  brightMagenta: "#d59bea", brightCyan: "#72cbd8", brightWhite: "#ffffff",
};

/** Calls with the theme that fits, now and whenever that changes. */
export function followTheme(use) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => use(dark.matches ? DARK : LIGHT);
  dark.addEventListener("change", apply);
  apply();
}

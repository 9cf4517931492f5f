// Links that carry code, behind `#code=`: that part of an address is never sent to a server.

/** The code in the page's address, or nothing. */
export function codeOfAddress() {
  const match = /^#code=(.*)$/s.exec(location.hash);
  if (!match) return "";
  try {
    return decodeURIComponent(match[1]).replaceAll("\r\n", "\n").replace(/\n+$/, "");
  } catch {
    return "";
  }
}

/** Copies a link to this page with code in it; returns the message to show. */
export async function copyLink(code) {
  if (!code.trim()) return "There is no code yet: type some, and copy the link then.";
  const link = new URL(location.href);
  link.hash = `code=${encodeURIComponent(code)}`;
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link.href);
    return "The link was copied. Who opens it sees the code, and decides whether to run it.";
  } catch {
    return "The link is in the address bar: this browser does not let the page copy it.";
  }
}

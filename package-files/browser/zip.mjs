// Reads ZIP archives that are in memory: the standard library and wheels. It writes none, and knows no ZIP64 and no encryption.

const utf8 = new TextDecoder();

/**
 * The entries of an archive. What is stored is given as a view of the archive's own bytes.
 * @param {Uint8Array} archive
 * @param {string} name what the archive is called in errors
 * @returns {{ path: string, folder: boolean, method: number, data: Uint8Array, size: number }[]}
 */
export function entries(archive, name) {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const broken = (what) => new Error(`${name} is not a ZIP archive that can be read: ${what}`);
  let end = archive.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw broken("its end is missing");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) throw broken("it is a ZIP64 archive");
  const found = [];
  for (let number = 0; number < count; number++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw broken("its table of contents is damaged");
    if (view.getUint16(at + 8, true) & 1) throw broken("it is encrypted");
    const method = view.getUint16(at + 10, true);
    const compressed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const header = view.getUint32(at + 42, true);
    const path = utf8.decode(archive.subarray(at + 46, at + 46 + nameLength));
    // The name and the extra field have lengths of their own in the entry's header.
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (start + compressed > archive.byteLength) throw broken(`${path} goes beyond its end`);
    const data = archive.subarray(start, start + compressed);
    found.push({ path, folder: path.endsWith("/"), method, data, size });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

/** The bytes of an entry, decompressed. */
export async function contents(entry, name) {
  if (entry.method === 0) return entry.data;
  if (entry.method !== 8) throw new Error(`${name}: ${entry.path} has an unsupported compression method (${entry.method})`);
  const stream = new Blob([entry.data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (bytes.byteLength !== entry.size) throw new Error(`${name}: ${entry.path} does not have the size in the table of contents`);
  return bytes;
}

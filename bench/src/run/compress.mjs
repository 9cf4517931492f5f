// Puts compressed copies beside the files that a page may load: compress.mjs FOLDER…
// A server of files would have them made once, so that they are as small as these formats allow.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const EXTENSIONS = [".js", ".json", ".mjs", ".wasm", ".whl", ".zip"];

const files = process.argv.slice(2).flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && EXTENSIONS.includes(extname(entry.name))).map((entry) => join(folder, entry.name)));

await Promise.all(files.map(async (file) => {
  const bytes = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const [brotli, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes, { level: 9 })]);
  writeFileSync(`${file}.br`, brotli);
  writeFileSync(`${file}.gz`, gz);
}));

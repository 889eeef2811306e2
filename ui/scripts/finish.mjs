// After `vite build`: compressed forms beside each file, and the budgets (the build fails beyond them).
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const KIB = 1024;
/** What the first page loads: the entry, what it imports, styles. */
const INITIAL_MAX = 250 * KIB;
const CHUNK_MAX = 150 * KIB;
const ALL_MAX = 1.5 * KIB * KIB;
/** A form that saves less is not worth its place. */
const SAVING_MIN = 0.9;

const dist = new URL("../dist/", import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true })
  .filter((name) => statSync(join(dist, name)).isFile() && !/\.(br|gz)$/.test(name))
  .sort();
const html = readFileSync(join(dist, "index.html"), "utf8");
const failures = [];
let initial = 0;
let all = 0;

for (const name of files) {
  const bytes = readFileSync(join(dist, name));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gzip = gzipSync(bytes, { level: 9 });
  // The server writes into the page itself, so that one is compressed as it is served.
  if (name !== "index.html") {
    if (brotli.length < bytes.length * SAVING_MIN) writeFileSync(join(dist, `${name}.br`), brotli);
    if (gzip.length < bytes.length * SAVING_MIN) writeFileSync(join(dist, `${name}.gz`), gzip);
  }
  const isInitial = name === "index.html" || html.includes(name);
  if (isInitial) initial += brotli.length;
  else if (brotli.length > CHUNK_MAX)
    failures.push(`${name} has ${kib(brotli.length)}, at most ${kib(CHUNK_MAX)} are allowed`);
  all += brotli.length;
}
if (initial > INITIAL_MAX)
  failures.push(`the first page has ${kib(initial)}, at most ${kib(INITIAL_MAX)} are allowed`);
if (all > ALL_MAX) failures.push(`all files have ${kib(all)}, at most ${kib(ALL_MAX)} are allowed`);

console.log(`first page ${kib(initial)} of ${kib(INITIAL_MAX)}, all ${kib(all)} of ${kib(ALL_MAX)} (brotli)`);
for (const failure of failures) console.error(`budget: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function kib(bytes) {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}

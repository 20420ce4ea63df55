/** What a browser has to fetch before it can show anything. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("../../../dist/ui/", import.meta.url));
const KIB = 1024;

test("the page's first load is at most 60 KiB, compressed", () => {
  const html = readFileSync(join(FOLDER, "index.html"), "utf8");
  const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path!);
  expect(files.some((path) => path.endsWith(".js"))).toBe(true);
  const sizes = ["index.html", ...files].map(
    (path) => gzipSync(readFileSync(join(FOLDER, path)), { level: 9 }).length,
  );
  expect(sizes.reduce((sum, size) => sum + size) / KIB).toBeLessThanOrEqual(60);
});

test("whatever is worth it lies there packed, and holds the same", () => {
  const assets = join(FOLDER, "assets");
  const files = readdirSync(assets).filter((name) => /\.(?:js|css)$/.test(name));
  const read = (name: string) => readFileSync(join(assets, name));
  for (const name of files.filter((file) => read(file).length > KIB)) {
    expect(brotliDecompressSync(read(`${name}.br`)).equals(read(name))).toBe(true);
    expect(gunzipSync(read(`${name}.gz`)).equals(read(name))).toBe(true);
  }
  const packed = files.filter((name) => existsSync(join(assets, `${name}.br`)));
  expect(packed.length).toBeGreaterThanOrEqual(3);
});

test("nothing is drawn before the page knows which theme was chosen", () => {
  const html = readFileSync(join(FOLDER, "index.html"), "utf8");
  expect(html).toMatch(/<script type="module" blocking="render"/);
});

test("nothing of it comes from elsewhere, and nothing stands in the page itself", () => {
  const html = readFileSync(join(FOLDER, "index.html"), "utf8");
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(html).not.toMatch(/<style|style="|<script(?![^>]*\bsrc=)/);
});

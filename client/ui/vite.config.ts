/** Builds the page into dist/ui: relative addresses, so that it works under any mount. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { compressedAssets } from "./build/compressedAssets.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The theme somebody chose is known once the page's code has run: nothing is drawn before, or the other one would flash up. */
const drawAfterTheme: Plugin = {
  name: "draw-after-theme",
  transformIndexHtml: {
    order: "post",
    handler: (html) =>
      html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

export default defineConfig({
  plugins: [drawAfterTheme, compressedAssets()],
  root: here("."),
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: here("../../dist/ui"),
    emptyOutDir: true,
    target: "es2023",
    // The polyfill is for browsers that cannot run this page anyway; inlined assets would need a wider policy than 'self'.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  logLevel: "warn",
});

/** Builds the page into dist/ui: relative addresses, so that it works under any mount. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { compressedAssets } from "./build/compressedAssets.js";
import { firstWords } from "./build/firstWords.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [firstWords(), compressedAssets()],
  root: here("."),
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: here("../../dist/ui"),
    emptyOutDir: true,
    rolldownOptions: { input: [here("./index.html"), here("./themeFirst.ts")] },
    target: "es2023",
    // The polyfill is for browsers that cannot run this page anyway; inlined assets would need a wider policy than 'self'.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  logLevel: "warn",
});

/** Builds the page into dist/ui: relative addresses, so that it works under any mount. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { compressedAssets } from "./build/compressedAssets.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The first words are drawn once the style and the theme are there, which are small: the theme is known before anything is drawn. */
const firstWords: Plugin = {
  name: "first-words",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle = {} }) {
      const theme = Object.values(bundle).find(
        (file) => file.type === "chunk" && file.facadeModuleId?.endsWith("/themeFirst.ts"),
      );
      if (!theme) throw new Error("the build has no file of themeFirst.ts");
      const script = `<script type="module" blocking="render" src="./${theme.fileName}"></script>`;
      return html.replace("<script ", `${script}\n    <script `);
    },
  },
};

export default defineConfig({
  plugins: [firstWords, compressedAssets()],
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

/** Builds the web component into one script that a page can load as it is: dist/element/instep-workflow.js. */
import path from "node:path";
import { compressedAssets } from "../client/ui/build/compressedAssets.ts";
import { ROOT } from "./tools.mjs";

export default {
  root: ROOT,
  publicDir: false,
  logLevel: "warn",
  plugins: [compressedAssets()],
  build: {
    outDir: "dist/element",
    emptyOutDir: true,
    target: "es2023",
    reportCompressedSize: false,
    rolldownOptions: {
      input: { "instep-workflow": path.join(ROOT, "client/element/index.ts") },
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "[name].js", codeSplitting: false },
    },
  },
};

/** Builds the command line a second time, as few CommonJS files: Node takes longer to load many than to run them. Packages stay outside. */
import { ROOT } from "./tools.mjs";

export default {
  root: ROOT,
  logLevel: "warn",
  build: {
    ssr: "server/command.ts",
    outDir: "dist/command",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    rolldownOptions: {
      output: { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name]-[hash].cjs" },
    },
  },
};

/** Builds the command line a second time, as few CommonJS files: Node takes longer to load many than to run them. Packages stay outside. */
import { ROOT } from "./tools.mjs";

export default {
  root: ROOT,
  logLevel: "warn",
  plugins: [
    {
      name: "default-exports-of-es-modules",
      // The 1 stands for "never an ES module": the default export of one, such as string-width, was its whole namespace.
      renderChunk: (code) => code.replace(/(__toESM\([\w$]+), 1\)/g, "$1)"),
    },
  ],
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

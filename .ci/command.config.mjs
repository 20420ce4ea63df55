/**
 * Builds the command line and the server a second time, as few CommonJS files: Node takes longer to load many than to run them, and keeps
 * some 20 KB of memory for each.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./tools.mjs";

/** Small, and needed by every call; of zod, only the part that is used. The other packages stay outside. */
const BUILT_IN = ["commander", "picocolors", "zod"];

/** Files that import nothing but each other. */
const BASICS =
  /\/shared\/(?:names|errors|statuses|state\/(?:node|stepPlace)|text\/shortened)\.ts$|\/settings\/settingError\.ts$|\/cluster\/(?:storeAddress|nodeName)\.ts$/;

export default {
  root: ROOT,
  logLevel: "warn",
  ssr: { noExternal: BUILT_IN },
  build: {
    ssr: true,
    outDir: "dist/command",
    emptyOutDir: true,
    target: "node20",
    rolldownOptions: {
      input: { command: "server/cli/command.ts", server: "server/server.ts" },
      // What the package exports is what server.ts exports, whatever the command needs beside it.
      preserveEntrySignatures: "strict",
      output: {
        format: "cjs",
        // The helper that the plug-in below looks for keeps its name.
        minifyInternalExports: false,
        entryFileNames: "[name].cjs",
        chunkFileNames: "[name]-[hash].cjs",
        // Small, and needed by nearly every command: one file in place of many.
        codeSplitting: { groups: [{ name: "basics", test: BASICS }] },
        // All of it is read at each start. The names of functions stay, for whoever reads a stack trace.
        minify: {
          mangle: { keepNames: { function: true, class: true } },
          codegen: { removeWhitespace: true },
        },
      },
    },
  },
  plugins: [
    { name: "licences", generateBundle: addLicences },
    {
      name: "default-exports-of-es-modules",
      // The 1 stands for "never an ES module": the default export of one, such as string-width, was its whole namespace.
      renderChunk: (code) => code.replace(/(__toESM\([\w$]+), 1\)/g, "$1)"),
    },
  ],
};

/** What is built in is copied, so its licences go along. */
function addLicences() {
  const texts = BUILT_IN.map((name) => {
    const file = path.join(ROOT, "node_modules", name, "LICENSE");
    return `${name}\n\n${readFileSync(file, "utf8").trim()}\n`;
  });
  this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: texts.join("\n\n") });
}

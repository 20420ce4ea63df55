/** Puts the declarations of what the package exports into few files: nobody installs those of our insides. */
import { rmSync } from "node:fs";
import { dts } from "rollup-plugin-dts";
import { plainTypes } from "./plainTypes.mjs";

// What an earlier build called otherwise would go along into the package.
rmSync("dist/types", { recursive: true, force: true });

const common = {
  external: [/^node:/, "react", "zod"],
  plugins: [dts()],
  onwarn: (warning, warn) => {
    // A script that exports nothing, and types without a name of their own outside: both are meant.
    if (warning.code !== "EMPTY_BUNDLE" && warning.code !== "PLUGIN_WARNING") warn(warning);
  },
};

export default [
  // The server is run as CommonJS: its types say so, in one file, as those may not be taken from ES modules.
  {
    ...common,
    input: "dist/server/server.d.ts",
    output: { file: "dist/types/server.d.cts" },
  },
  {
    ...common,
    // A page that follows workflows has no zod, and its compiler needs none.
    plugins: [plainTypes(), dts()],
    input: {
      client: "dist/client/index.d.ts",
      react: "dist/client/react/index.d.ts",
      element: "dist/client/element/index.d.ts",
      sharedWorker: "dist/client/sharing/sharedWorker.d.ts",
    },
    output: {
      dir: "dist/types",
      chunkFileNames: "[name]-[hash].d.ts",
      entryFileNames: "[name].d.ts",
    },
  },
];

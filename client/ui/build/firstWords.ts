/** A plugin of the build: what is drawn before the page's script is there, the theme, the first words, and the order in which they are asked for. */
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

const EARLY = fileURLToPath(new URL("../early/early.ts", import.meta.url));

/** The page waits with drawing for the theme, which is small. The first words hold up nothing, and nothing holds them up: their file imports no other. */
export function firstWords(): Plugin {
  return {
    name: "first-words",
    apply: "build",
    async buildStart() {
      const source = await oneFile(EARLY);
      this.emitFile({ type: "asset", name: "early.js", source });
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const files = Object.values(bundle);
        const theme = files.find(
          (file) => file.type === "chunk" && file.facadeModuleId?.endsWith("/themeFirst.ts"),
        );
        const words = files.find(
          (file) => file.type === "asset" && file.names.includes("early.js"),
        );
        if (!theme || !words) throw new Error("the build has no file of the first words");
        const scripts = [
          `<script type="module" blocking="render" src="./${theme.fileName}"></script>`,
          `<script async src="./${words.fileName}"></script>`,
        ];
        return html.replace("<script ", `${scripts.join("\n    ")}\n    <script `);
      },
    },
  };
}

/** A script with all that it imports. What it shares with the page stands in both: fetching that first would take longer than the words may. */
async function oneFile(input: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2023",
      modulePreload: { polyfill: false },
      rolldownOptions: { input, output: { format: "iife" } },
    },
  });
  const [file, ...others] = (built as Rolldown.RolldownOutput).output;
  if (others.length > 0) throw new Error("the first words are more than one file");
  return file.code;
}

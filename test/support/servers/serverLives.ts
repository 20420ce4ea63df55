/** One server after the other on the same data, each a real process, and a vitest `test` that has them. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { cliTest, type Started } from "./builtCommand.js";
import { type RunnerCalls, runnerAt } from "./runnerWorld.js";

export interface Life extends RunnerCalls {
  readonly url: string;
  readonly process: Started["process"];
  kill(): Promise<void>;
}

interface Lives {
  /** Each a new process on the same data. */
  begin(...flags: string[]): Promise<Life>;
}

export const livesTest = cliTest.extend<{ lives: Lives }>({
  lives: async ({ serve, folder }, use) => {
    const workflows = path.join(folder, "workflows");
    mkdirSync(workflows);
    await use({
      async begin(...flags) {
        const { url, process } = await serve("--clear-after", "1h", ...flags);
        return {
          ...runnerAt(() => url, workflows),
          url,
          process,
          async kill() {
            process.signal("SIGKILL");
            await process.exitCode;
          },
        };
      },
    });
  },
});

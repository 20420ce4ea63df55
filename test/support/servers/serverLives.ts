/** One server after the other on the same data, each a real process, and a vitest `test` that has them. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { cliTest, type Started } from "./builtCommand.js";
import { PAGE } from "./calledInstep.js";
import { type RunnerCalls, runnerAt } from "./runnerWorld.js";

export interface Life extends RunnerCalls {
  readonly url: string;
  readonly process: Started["process"];
  kill(): Promise<void>;
}

/** A server that may not listen yet. */
export interface Beginning {
  readonly process: Started["process"];
  readonly ready: Promise<Life>;
  kill(): Promise<void>;
}

interface Lives {
  /** Each a new process on the same data. */
  begin(...flags: string[]): Promise<Life>;
  /** The same, with more in its environment and not waited for. */
  beginning(env?: NodeJS.ProcessEnv, ...flags: string[]): Beginning;
}

export const livesTest = cliTest.extend<{ lives: Lives }>({
  lives: async ({ instep, folder }, use) => {
    const workflows = path.join(folder, "workflows");
    mkdirSync(workflows);
    const beginning: Lives["beginning"] = (env = {}, ...flags) => {
      const process = instep(["serve", "--port", "0", "--clear-after", "1h", ...flags], env);
      const kill = async () => {
        process.signal("SIGKILL");
        await process.exitCode;
      };
      const ready = process.until(PAGE).then(([, url]): Life => {
        return { ...runnerAt(() => url!, workflows), url: url!, process, kill };
      });
      // One that is killed before it listens is no fault, unless somebody waits for it.
      ready.catch(() => {});
      return { process, ready, kill };
    };
    await use({ beginning, begin: (...flags) => beginning({}, ...flags).ready });
  },
});

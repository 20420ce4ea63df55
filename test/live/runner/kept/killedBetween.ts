/** Words for tests in which the server is killed while a command is at work, something happens, and another server takes it up. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { until } from "../../../support/deadline.js";
import { endsKept, untilOneMoreEnds } from "../../../support/servers/keptEnds.js";
import { type Life, livesTest } from "../../../support/servers/serverLives.js";

/** For a recipe: goes on once the folder has a file of that name. */
export const awaits = (name: string): string => `until test -e ${name}; do sleep 0.02; done`;

/** For a recipe: writes down that it ran, once for each time. */
export const counts = 'echo "$INSTEP_STEP $INSTEP_ATTEMPT" >> runs';

export interface Between {
  /** A server with these recipes, a name and its source each. */
  first(recipes: Readonly<Record<string, string>>): Promise<Life>;
  /** The next server, once the one before is killed and `meanwhile` is done. */
  next(before: Life, meanwhile?: () => unknown, env?: NodeJS.ProcessEnv): Promise<Life>;
  /** Lets a command go on that awaits that file. */
  give(name: string): void;
  /** Resolves once a command has written that file. */
  written(name: string): Promise<unknown>;
  /** Resolves once another command has ended, and that is written down. */
  oneMoreEnds(): Promise<unknown>;
  textOf(name: string): string;
}

export const betweenTest = livesTest.extend<{ between: Between }>({
  between: async ({ lives, folder }, use) => {
    const at = (name: string) => path.join(folder, "workflows", name);
    const data = path.join(folder, ".instep");
    await use({
      first: async (recipes) => {
        const life = await lives.begin();
        for (const [name, steps] of Object.entries(recipes))
          life.define(`${name}.yaml`, `name: ${name}\n${steps}`);
        return life;
      },
      next: async (before, meanwhile = () => {}, env = {}) => {
        await before.kill();
        await meanwhile();
        return lives.beginning(env).ready;
      },
      give: (name) => writeFileSync(at(name), ""),
      oneMoreEnds: () => untilOneMoreEnds(data, endsKept(data)),
      written: (name) => until(() => existsSync(at(name)), `${name} is written`),
      textOf: (name) => (existsSync(at(name)) ? readFileSync(at(name), "utf8") : ""),
    });
  },
});

/** Whether the step's newest line is that. */
export const says =
  (index: number, word: string) =>
  ({ steps }: WorkflowState): boolean =>
    steps[index]?.message === word;

/** Without the lines that are the server's own. */
export const printed = (log: string): string => log.replace(/^instep: .*\n/gm, "");

/** The lines that are the server's own. */
export const own = (log: string): string[] => log.match(/^instep: .*$/gm) ?? [];

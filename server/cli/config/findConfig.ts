/** Finds the `instep.yaml` that a command reads: the one that is named, or the one in the folder it is called in; folders above are not searched. */
import { lstatSync } from "node:fs";
import path from "node:path";
import { errorCode } from "../../machine/systemErrors.js";
import type { ConfigFile } from "../../settings/resolveSettings.js";
import { SettingError } from "../../settings/settingError.js";
import type { Environment } from "../../settings/variables.js";

/** In a folder. The second is what a hand used to it writes. */
export const CONFIG_NAMES = ["instep.yaml", "instep.yml"] as const;

export interface NamedConfig {
  /** `--config <file>`; false for `--no-config`. */
  readonly config?: string | boolean | undefined;
}

export interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly home?: string | undefined;
}

/** Null where there is none. Throws SettingError for all that cannot be used in it. What parses YAML is loaded only for a file that is there. */
export async function readConfig(
  { config }: NamedConfig,
  { env, cwd, home }: Surroundings,
): Promise<ConfigFile | null> {
  if (config === false) return null;
  const isFlag = typeof config === "string";
  const named = isFlag ? config : env.INSTEP_CONFIG || undefined;
  const source = isFlag ? "--config: " : "INSTEP_CONFIG: ";
  const shown = named ?? inFolder(cwd);
  if (shown === null) return null;
  if (shown === "") throw new SettingError(`${source}must not be empty`);
  const { readConfigFile } = await import("./readConfigFile.js");
  const file = { path: path.resolve(cwd, shown), shown, isNamed: named !== undefined };
  return readConfigFile(file, { source: named === undefined ? "" : source, env, home });
}

function inFolder(cwd: string): string | null {
  const there = CONFIG_NAMES.filter((name) => isThere(path.join(cwd, name)));
  if (there.length < 2) return there[0] ?? null;
  throw new SettingError(
    `There are ${CONFIG_NAMES.join(" and ")} in ${cwd}: keep one of them, or name one with --config.`,
  );
}

/** A link that leads nowhere is there: whoever made it meant something. */
function isThere(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    // A folder that may not be looked into is that of somebody else: `sudo -u` and `su` leave us in one.
    if (NOT_THERE.includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

const NOT_THERE: readonly string[] = ["ENOENT", "ENOTDIR", "EACCES"];

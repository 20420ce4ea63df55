/** Opens an `instep.yaml`, and says why where it is none that may be listened to. */
import { lstatSync, type Stats } from "node:fs";
import { readText, UnusableFile } from "../../machine/regularFile.js";
import { errorCode } from "../../machine/systemErrors.js";
import type { ConfigFile } from "../../settings/resolveSettings.js";
import { SettingError } from "../../settings/settingError.js";
import type { Environment } from "../../settings/variables.js";

const MOST_BYTES = 64 * 1024;
/** Anything that others may do with it. */
const OF_OTHERS = 0o077;
const WRITTEN_BY_ALL = 0o002;

interface Around {
  /** In front of a message that is about the file as a whole. */
  readonly source: string;
  readonly env: Environment;
  readonly home?: string | undefined;
}

/** Throws SettingError for all that cannot be used. */
export async function readConfigFile(
  place: Pick<ConfigFile, "path" | "shown" | "isNamed">,
  { source, env, home }: Around,
): Promise<ConfigFile> {
  let isOpenToOthers = false;
  let text: string;
  try {
    text = await readText(place.path, MOST_BYTES, (found) => {
      // A link's owner chose the file it leads to.
      if (!place.isNamed) for (const one of [found, lstatSync(place.path)]) checkOwner(one, env);
      isOpenToOthers = (found.mode & OF_OTHERS) !== 0;
    });
  } catch (error) {
    const code = errorCode(error);
    if (!(error instanceof UnusableFile) && code === undefined) throw error;
    throw new SettingError(`${source}${place.shown}: ${whyUnreadable(place.path, error)}`);
  }
  // YAML is read here alone, and most folders have no such file.
  const { readConfigText } = await import("./configText.js");
  const { entries, problems } = readConfigText(text, { ...place, home, isOpenToOthers });
  if (problems.length > 0) throw new SettingError(problems.join("\n  "));
  return { ...place, entries };
}

function whyUnreadable(file: string, error: unknown): string {
  const code = errorCode(error);
  if (code === undefined) return (error as Error).message;
  // A link that leads nowhere is there.
  const isThere = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  return code === "ENOENT" && !isThere ? "there is no such file" : `cannot be read (${code})`;
}

/**
 * A file that just lies in the folder is listened to only where nobody else can have put it there: in /tmp anybody could set up
 * root's server. Whoever names it vouches for it.
 */
function checkOwner(found: Stats, env: Environment): void {
  const self = process.getuid?.();
  if (self === undefined) return;
  // With sudo, root works in a folder of the user who called it.
  const caller = self === 0 ? Number(env.SUDO_UID || 0) : self;
  const trusted = [self, 0, caller];
  const hint = "if you trust it, name it with --config; --no-config does without";
  if (!trusted.includes(found.uid))
    throw new UnusableFile(`belongs to another user (uid ${found.uid}): ${hint}`);
  if (!found.isSymbolicLink() && (found.mode & WRITTEN_BY_ALL) !== 0)
    throw new UnusableFile(`may be written by every user of this machine: chmod o-w, or ${hint}`);
}

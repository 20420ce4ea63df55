/** A script in a file of its own while a command runs, for programs that take no script as text. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { FILE, type ScriptCall } from "../definition/scriptCall.js";

export interface PlacedScript {
  readonly argv: readonly string[];
  /** Why it could not be written; then nothing can be started. */
  readonly problem: string | null;
  /** Once the command has ended. */
  remove(): Promise<void>;
}

/** Only this user may read the file. It stands in a folder of its own in `home`, which whoever owns that sweeps where we die first. */
export async function placeScript(
  { argv, scriptFile }: ScriptCall,
  home: string,
): Promise<PlacedScript> {
  const nothing = async () => {};
  if (scriptFile === undefined) return { argv, problem: null, remove: nothing };
  let folder: string | null = null;
  const remove = async () => {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => {});
  };
  try {
    folder = await mkdtemp(path.join(home, "script-"));
    const file = path.join(folder, "script");
    await writeFile(file, scriptFile, { mode: 0o600 });
    return { argv: argv.map((word) => word.replaceAll(FILE, () => file)), problem: null, remove };
  } catch (error) {
    await remove();
    const { code, message } = error as NodeJS.ErrnoException;
    return { argv, problem: `its script could not be written (${code ?? message})`, remove };
  }
}

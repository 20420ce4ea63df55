/** `instep restore`: begins a data folder from a backup. Every workflow in it begins a new epoch, and nothing in it runs by itself. */
import { randomBytes, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { counted } from "../../../shared/text/counted.js";
import { Disk, UnsafeFolder } from "../../machine/disk.js";
import { errorCode } from "../../machine/systemErrors.js";
import { readSetting } from "../../settings/resolveSettings.js";
import { checkVariables } from "../../settings/variables.js";
import { renewed } from "../../state/rules/restoring.js";
import { FileStore } from "../../state/store/fileStore.js";
import { isLive, type LiveRecord } from "../../state/store/record.js";
import { givenTo } from "../connecting/whichServer.js";
import { openFolderSide } from "../migrate/folderSide.js";
import type { CliContext } from "../process/context.js";
import { diskProblem } from "../process/diskProblem.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";
import type { BackupFlags } from "./backup.js";
import { DATA_FOLDER, readManifest } from "./manifest.js";
import { mirror, syncFolders } from "./mirror.js";

/** Some file systems make this folder on every new disk. */
const NOTHING = "lost+found";

/** The data folder must hold nothing. Cut short, no server begins on what is there. */
export async function restore(
  from: string,
  { json = false, ...flags }: BackupFlags,
  context: CliContext,
): Promise<number> {
  const { clock, cwd, stdout } = context;
  checkVariables(context.env);
  const dataDir = readSetting("dataDir", givenTo(flags, context));
  const source = resolve(cwd, from);
  const { began_at } = await readManifest(source, from);
  await refuseFull(dataDir);
  const side = await openFolderSide({ place: dataDir, cwd, clock, mayBeNew: true }).catch(inWords);
  let isMarked = false;
  try {
    await side.setMark({ id: randomUUID(), part: "restore", isCopied: false, other: from });
    isMarked = true;
    for (const name of await readdir(join(source, DATA_FOLDER)))
      await mirror(join(source, DATA_FOLDER, name), join(dataDir, name), { known: new Map() });
    // A record that was damaged where the backup was taken is so here, and can be restored or cleared as there.
    const { open, history } = await FileStore.load(new Disk(), dataDir, () => clock.now());
    const live = [...open.values()].filter(isLive);
    const anew = live.map((record) => begunAnew(record, clock.now()));
    await side.replace(anew);
    await syncFolders(dataDir);
    await side.setMark(null);
    const interrupted = anew.filter(({ state }) => state.status === "interrupted").length;
    const told = { in_view: live.length, history: history.size, interrupted };
    stdout.write(
      json
        ? jsonLine({ ...told, data_dir: dataDir, as_of: began_at })
        : `${dataDir} has ${counted(live.length + history.size, "workflow")} as of ${began_at}, ${interrupted} of them interrupted: resume or cancel each, once a server runs on it.\n`,
    );
    return ExitCode.ok;
  } catch (error) {
    const problem = diskProblem(error);
    if (problem === null) throw error;
    const left = isMarked
      ? "What was copied is not whole, and no server begins on it"
      : "Nothing was copied";
    const words = `${problem}. ${left}: empty ${dataDir}, and say it again.`;
    throw new CliError(ExitCode.failed, words, { cause: error });
  } finally {
    await side.close();
  }
}

/** Webhooks are told of nothing before: the server that the backup is of did that. */
function begunAnew(record: LiveRecord, now: number): LiveRecord {
  const { untold: _told, ...next } = renewed(record, {
    now,
    epoch: randomBytes(8).toString("hex"),
  });
  return next;
}

async function refuseFull(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw new CliError(ExitCode.failed, `${dataDir} cannot be read (${errorCode(error)}).`);
  });
  if (names.every((name) => name === NOTHING)) return;
  throw new CliError(
    ExitCode.failed,
    `${dataDir} is not empty: a restore begins a folder of its own. Move what is there away, or name another with --data-dir.`,
  );
}

function inWords(error: unknown): never {
  if (error instanceof UnsafeFolder) throw new CliError(ExitCode.failed, error.message);
  throw error;
}

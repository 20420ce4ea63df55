/** `instep backup`: a copy of a data folder that is of one moment, also while a server writes to it. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { counted } from "../../../shared/text/counted.js";
import { Disk } from "../../machine/disk.js";
import { makeFolders } from "../../machine/makeFolders.js";
import { systemFiles } from "../../machine/systemFiles.js";
import { readSetting } from "../../settings/resolveSettings.js";
import { checkVariables } from "../../settings/variables.js";
import { CLUSTER_FILE } from "../../state/store/clusterFile.js";
import { MOVE_FILE } from "../../state/store/moveMark.js";
import { lookAtFolder } from "../../state/store/storeMarker.js";
import { givenTo } from "../connecting/whichServer.js";
import type { CliContext } from "../process/context.js";
import { diskProblem } from "../process/diskProblem.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";
import { BESIDE, DATA_FOLDER, type Manifest, writeManifest } from "./manifest.js";
import { measure, mirror, syncFolder, syncFolders } from "./mirror.js";
import { type RecordsNow, recordsNow } from "./recordsNow.js";

/** Besides that of the data folder. */
export interface BackupFlags {
  readonly dataDir?: string | undefined;
  readonly json?: boolean | undefined;
}

/** While the rest was copied, a workflow was cleared each time. */
const MOST_ROUNDS = 50;

/** The folder `to` is made, whole or not at all. */
export async function backup(
  to: string,
  { json = false, ...flags }: BackupFlags,
  context: CliContext,
): Promise<number> {
  const { clock, cwd, stdout, stderr } = context;
  checkVariables(context.env);
  const dataDir = readSetting("dataDir", givenTo(flags, context));
  const target = resolve(cwd, to);
  await checkSource(dataDir);
  if (await new Disk().isThere(target))
    throw new CliError(
      ExitCode.failed,
      `${to} is there already: a backup begins a folder of its own.`,
    );
  if (`${target}/`.startsWith(`${dataDir}/`))
    throw new CliError(
      ExitCode.usage,
      `${to} is inside the data folder: a backup belongs elsewhere.`,
    );
  const half = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.half`);
  const undo = context.onExit(() => rmSync(half, { recursive: true, force: true }));
  try {
    await makeFolders(systemFiles, half, 0o700);
    const manifest = await copyAll(dataDir, half, () => clock.now());
    await checkSource(dataDir);
    await rename(half, target);
    await syncFolder(dirname(target));
    const { in_view, history, bytes, damaged } = manifest;
    if (damaged.length > 0)
      stderr.write(`Damaged here, and so in the backup: ${damaged.join(", ")}\n`);
    stdout.write(
      json
        ? jsonLine({ ...manifest, backup: target })
        : `${to} has ${counted(in_view + history, "workflow")}, ${history} of them in the history, in ${counted(bytes, "byte")}: all that was acknowledged before ${manifest.began_at}.\n`,
    );
    return ExitCode.ok;
  } catch (error) {
    const problem = diskProblem(error);
    if (problem === null) throw error;
    const words = `${problem}. ${to} was not made, and nothing is left of it.`;
    throw new CliError(ExitCode.failed, words, { cause: error });
  } finally {
    undo();
    await rm(half, { recursive: true, force: true });
  }
}

async function checkSource(dataDir: string): Promise<void> {
  const disk = new Disk();
  if ((await lookAtFolder(dataDir)).kind !== "store")
    throw new CliError(ExitCode.failed, `${dataDir} is no data folder: no store is in it.`);
  if (await disk.isThere(join(dataDir, CLUSTER_FILE)))
    throw new CliError(
      ExitCode.failed,
      `${dataDir} belongs to a node of a cluster: the workflows are in etcd. Take \`etcdctl snapshot save\` first, and then copy logs and private of each node's folder.`,
    );
  if (await disk.isThere(join(dataDir, MOVE_FILE)))
    throw new CliError(
      ExitCode.failed,
      `A move or a restore of ${dataDir} is under way, or was cut short. Finish that first.`,
    );
}

/**
 * Output is copied after the records that speak of it, and the records are taken only where none of them has gone meanwhile: its output went with it.
 * So no record refers to bytes that are not there, but for those that the limits of output had taken away in the data folder itself.
 */
async function copyAll(dataDir: string, half: string, now: () => number): Promise<Manifest> {
  const began_at = new Date(now()).toISOString();
  const [raw, data] = [join(half, "raw"), join(half, DATA_FOLDER)];
  for (const folder of [raw, data]) await mkdir(folder, { mode: 0o700 });
  const [knownRecords, knownRest] = [new Map<string, string>(), new Map<string, string>()];
  const look = (round: number) => {
    const folder = join(half, `records-${round}`);
    return recordsNow({ dataDir, raw, folder, known: knownRecords, now });
  };
  let records = await look(0);
  for (let round = 1; ; round++) {
    for (const name of BESIDE)
      await mirror(join(dataDir, name), join(data, name), { known: knownRest });
    const later = await look(round);
    if (isAllIn(records, later)) break;
    if (round >= MOST_ROUNDS)
      throw new CliError(
        ExitCode.failed,
        "Workflows were cleared all the time while their output was copied. Say it again when less is going on.",
      );
    await rm(records.folder, { recursive: true });
    records = later;
  }
  for (const name of ["workflows", "history"])
    await rename(join(records.folder, name), join(data, name));
  const leftovers = ["raw", ...Array.from({ length: MOST_ROUNDS + 1 }, (_, n) => `records-${n}`)];
  for (const name of leftovers) await rm(join(half, name), { recursive: true, force: true });
  const size = await measure(data);
  await syncFolders(data);
  const { inView, history, damaged } = records;
  const ended_at = new Date(now()).toISOString();
  const counts = { in_view: inView, history, ...size, damaged: [...damaged] };
  const manifest: Manifest = { format: 1, began_at, ended_at, ...counts };
  await writeManifest(half, manifest);
  return manifest;
}

const isAllIn = ({ shown }: RecordsNow, later: RecordsNow): boolean =>
  [...shown].every((key) => later.shown.has(key));

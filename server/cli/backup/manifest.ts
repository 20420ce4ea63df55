/** The file that makes a folder a backup: written last, so that a half one is never taken for a whole one. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Disk } from "../../machine/disk.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { measure } from "./mirror.js";

/** The manifest's file in a backup. */
export const MANIFEST_FILE = "instep.backup.json";
/** The folder of a backup that has the data. */
export const DATA_FOLDER = "data";

/** The folders that workflows need beside their records. Commands at work, links that show a workflow, and what webhooks are still to be told are not in it. */
export const BESIDE = ["logs", "runs", "private"] as const;
const NAMES: readonly string[] = ["workflows", "history", ...BESIDE];

const Manifest = z.object({
  format: z.literal(1),
  /** The beginning: all that was acknowledged before is in it. */
  began_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  in_view: z.int().min(0),
  history: z.int().min(0),
  files: z.int().min(0),
  bytes: z.int().min(0),
  /** Names of records that could not be read in the data folder either. */
  damaged: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

/** Durable once it resolves. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  new Disk().replace(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);

/** Rejects with CliError where the folder is no backup, is of a later version, or has not all that it had. */
export async function readManifest(folder: string, place: string): Promise<Manifest> {
  // A folder, or a file larger than any of ours, reads as one without words.
  const text = await new Disk().read(join(folder, MANIFEST_FILE)).catch(() => "");
  if (text === null)
    throw refusal(`${place} is no whole backup: ${MANIFEST_FILE} is not in it. Nothing was done.`);
  const manifest = parse(text);
  if (manifest === null)
    throw refusal(`${place}: ${MANIFEST_FILE} cannot be read, or is of a later version of Instep.`);
  const { files, bytes } = await measure(join(folder, DATA_FOLDER)).catch(() => NOTHING);
  if (files !== manifest.files || bytes !== manifest.bytes)
    throw refusal(
      `${place} is not whole: it was ${manifest.files} files of ${manifest.bytes} bytes together, and has ${files} of ${bytes} bytes.`,
    );
  await refuseForeign(join(folder, DATA_FOLDER), place);
  return manifest;
}

/** Nothing else goes into a data folder: links that somebody sealed himself, or a link in place of a folder, would count there. */
async function refuseForeign(data: string, place: string): Promise<void> {
  for (const entry of await readdir(data, { withFileTypes: true }))
    if (!entry.isDirectory() || !NAMES.includes(entry.name))
      throw refusal(
        `${place} is no backup of ours: ${JSON.stringify(entry.name)} does not belong in its data.`,
      );
}

const NOTHING = { files: 0, bytes: 0 };

function parse(text: string): Manifest | null {
  try {
    return Manifest.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const refusal = (words: string): CliError => new CliError(ExitCode.failed, words);

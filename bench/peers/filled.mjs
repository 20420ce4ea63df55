/** Data folders of Instep that are full before it starts, written as that build itself writes them. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stateOf } from "./scene.mjs";

/** One with a workflow for each number of steps: `w0`, `w1` and so on. */
export async function filled(root, place, steps, receipts = () => []) {
  const load = (file) => import(pathToFileURL(join(root, "dist/server", file)));
  const { fileNameOf } = await load("machine/fileName.js");
  const { encodeRecord } = await load("state/store/record.js");
  const dataDir = await mkdtemp(join(place, "data-"));
  const folder = join(dataDir, "workflows");
  await mkdir(folder, { mode: 0o700 });
  for (let order = 0; order < steps.length; order++) {
    const workflow_id = `w${order}`;
    const now = new Date().toISOString();
    const state = { ...stateOf(workflow_id, steps[order]), start_time: now, last_update: now };
    const record = {
      ...{ workflow_id, epoch: `e${order}`, revision: 1, order, state },
      ...{ receipts: receipts(order), fence: 0, lease: null, clear_at: null },
    };
    const file = join(folder, `${fileNameOf(workflow_id)}.json`);
    await writeFile(file, encodeRecord(record), { mode: 0o600 });
  }
  return dataDir;
}

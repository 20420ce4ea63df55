/** Opens the part of a server that tells webhooks, with what earlier servers have left to be told. */
import type { Basis } from "./basis.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Runner } from "./runner/runner.js";
import type { Storage } from "./storage.js";
import { FileOutbox } from "./webhooks/fileOutbox.js";
import { readWebhooks } from "./webhooks/readWebhooks.js";
import { Webhooks } from "./webhooks/webhooks.js";

/** Rejects, naming the field, where `webhooks` of the options cannot be used. The runner is asked for only once it begins. */
export async function openWebhooks(
  { webhooks = [], env = {}, secretEnv = env, ...options }: InstepOptions,
  { clock, log, metrics }: Basis,
  storage: Storage,
  bootId: string,
  runner: () => Runner,
): Promise<Webhooks> {
  const own = readOptions(webhooks);
  const { store, commits, shared } = storage;
  const kept = shared
    ? await openShared(shared, { clock, log, bootId })
    : { outbox: await openFiles(options, storage, clock) };
  return new Webhooks({
    ...{ clock, log, store, commits, own, env: secretEnv, chance: Math.random, ...kept },
    ofDefinition: (record) => runner().webhooksOf(record),
    pageOf: (workflow_id) => runner().pageOf(workflow_id),
    onTried: metrics ? (result) => metrics.deliveryTried(result) : undefined,
    mayBeKnownElsewhere: shared !== null,
  });
}

async function openFiles(
  { dataDir }: Pick<InstepOptions, "dataDir">,
  { disk, unread }: Storage,
  clock: Basis["clock"],
): Promise<FileOutbox> {
  const onUnreadable = (error: unknown, file: string, movedTo: string | null) =>
    unread.push({ file, error, movedTo });
  const outbox = new FileOutbox({ disk, dataDir, clock, onUnreadable });
  await outbox.load();
  return outbox;
}

/** Its code is loaded by nobody else. */
async function openShared(
  { mirror, nodes }: NonNullable<Storage["shared"]>,
  parts: Pick<Basis, "clock" | "log"> & { readonly bootId: string },
) {
  const { EtcdOutbox } = await import("./webhooks/shared/etcdOutbox.js");
  const { Teller } = await import("./webhooks/shared/teller.js");
  const outbox = new EtcdOutbox({ ...parts, mirror });
  return { outbox, duty: new Teller({ ...parts, mirror, nodes }) };
}

/** Relative places of files start where the process does. */
function readOptions(webhooks: unknown) {
  try {
    const read = readWebhooks(webhooks, { plainSecrets: true });
    return read.map((webhook) => ({ ...webhook, folder: "." }));
  } catch (error) {
    throw new Error(`webhooks: ${(error as Error).message}`);
  }
}

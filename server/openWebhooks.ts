/** Opens the part of a server that tells webhooks, with what earlier servers have left to be told. */
import type { Basis } from "./basis.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Runner } from "./runner/runner.js";
import type { Storage } from "./storage.js";
import { Outbox } from "./webhooks/outbox.js";
import { readWebhooks } from "./webhooks/readWebhooks.js";
import { NOT_IN_CLUSTER } from "./webhooks/webhook.js";
import { Webhooks } from "./webhooks/webhooks.js";

/** Null in a cluster. Rejects, naming the field, where `webhooks` of the options cannot be used. The runner is asked for only once it begins. */
export async function openWebhooks(
  { dataDir, webhooks = [], env = {}, secretEnv = env }: InstepOptions,
  { clock, log, metrics }: Basis,
  { disk, store, commits, shared, unread }: Storage,
  runner: () => Runner,
): Promise<Webhooks | null> {
  const own = readOptions(webhooks);
  if (shared && own.length > 0) throw new Error(`webhooks: ${NOT_IN_CLUSTER}`);
  if (shared) return null;
  const onUnreadable = (error: unknown, file: string, movedTo: string | null) =>
    unread.push({ file, error, movedTo });
  const outbox = new Outbox({ disk, dataDir, clock, onUnreadable });
  await outbox.load();
  return new Webhooks({
    ...{ clock, log, store, commits, outbox, own, env: secretEnv, chance: Math.random },
    ofDefinition: (record) => runner().webhooksOf(record),
    pageOf: (workflow_id) => runner().pageOf(workflow_id),
    onTried: metrics ? (result) => metrics.deliveryTried(result) : undefined,
  });
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

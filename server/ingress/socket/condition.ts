/** The condition of the server, told to one reader: that it cannot save, and that it cannot follow its store. */
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import type { StorageReason } from "../../../shared/wire/storage.js";
import type { Standing } from "../../cluster/standing.js";
import type { Outbox } from "../../egress/outbox.js";
import type { StorageHealth } from "../../machine/storageHealth.js";

export interface ConditionParts {
  readonly storage: Pick<StorageHealth, "reason" | "listen">;
  readonly standing: Standing;
}

/** Tells what is wrong now, and every change from here on. Returns what stops it. */
export function tellCondition(outbox: Outbox, { storage, standing }: ConditionParts): () => void {
  const stops = [
    storage.listen((reason) => outbox.reply(storageFrame(reason))),
    standing.listen((since) => outbox.reply({ type: "stale", since })),
  ];
  if (storage.reason !== null) outbox.reply(storageFrame(storage.reason));
  if (standing.staleSince !== null) outbox.reply({ type: "stale", since: standing.staleSince });
  return () => {
    for (const stop of stops) stop();
  };
}

const storageFrame = (reason: StorageReason | null): ServerMessage =>
  reason === null
    ? { type: "storage", status: "ok" }
    : { type: "storage", status: "failing", reason };

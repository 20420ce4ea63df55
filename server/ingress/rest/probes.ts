/** `/healthz` and `/readyz`: whether the process answers, and whether it would take a command now. */
import type { RequestHandler } from "express";
import type { Standing } from "../../cluster/standing.js";
import type { StorageHealth } from "../../machine/storageHealth.js";
import { EVERYTHING } from "../../state/scope.js";
import { toldDamages } from "../../state/toldDamages.js";
import type { Workflows } from "../../state/workflows.js";
import { sendJson } from "../answer/sendJson.js";

export interface ProbesParts {
  readonly workflows: Workflows;
  readonly storage: Pick<StorageHealth, "reason">;
  readonly standing: Pick<Standing, "staleSince" | "clocksApart">;
  readonly isDraining: () => boolean;
}

/** Answers as long as the process lives. */
export const healthCall: RequestHandler = (_request, response) =>
  sendJson(response, { status: "ok" });

/** 503 while the server stops, while the disk refuses to keep what is written, and while it cannot follow the store it shares with others. */
export const readinessCall =
  (parts: ProbesParts): RequestHandler =>
  (_request, response) => {
    const readiness = readinessOf(parts);
    sendJson(response.status(readiness.status === "ready" ? 200 : 503), readiness);
  };

function readinessOf({ isDraining, storage, standing, workflows }: ProbesParts) {
  if (isDraining()) return { status: "draining" };
  if (storage.reason !== null) return { status: "failing", reason: storage.reason };
  if (standing.staleSince !== null) return { status: "stale", since: standing.staleSince };
  const damaged = toldDamages(workflows.damages, EVERYTHING).length;
  const apart = [...(standing.clocksApart ?? [])];
  const seconds = Object.fromEntries(apart.map(([node, ms]) => [node, Math.round(ms / 1_000)]));
  return {
    status: "ready",
    ...(damaged > 0 ? { damaged } : {}),
    ...(apart.length > 0 ? { clocks_apart: seconds } : {}),
  };
}

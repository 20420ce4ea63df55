/** Builds the part of a server that tells watchers of commits and of output. */
import type { Basis } from "./basis.js";
import { Hub } from "./egress/hub.js";
import { Lists } from "./egress/lists.js";
import { OutputHub } from "./egress/outputHub.js";
import type { RestParts } from "./ingress/rest/rest.js";
import type { Storage } from "./storage.js";
import type { UndoList } from "./undoList.js";

/** All of that part that others ask. */
export interface Egress {
  readonly hub: Hub;
  readonly outputHub: OutputHub;
}

/** The part that tells watchers of commits and of output. What was begun is on `undo`. */
export function egressOf(
  { workflows, summaries }: Pick<RestParts, "workflows" | "summaries">,
  { commits, outputs, far }: Storage,
  { clock, limits, log }: Basis,
  undo: UndoList,
): Egress {
  const outputHub = new OutputHub({
    ...{ commits, workflows, outputs, limits, elsewhere: far?.follows },
    onFailure: (error, output) => log.error({ err: error, ...output }, "output is unreadable"),
  });
  undo.push(() => outputHub.close());
  const onFailure = (error: unknown, documentId: string) =>
    log.error({ err: error, documentId }, "a change could not be told");
  const lists = new Lists({ commits, summaries, clock, limits, onFailure });
  const hub = new Hub({ commits, workflows, lists, limits, onFailure });
  undo.push(() => hub.close());
  return { hub, outputHub };
}

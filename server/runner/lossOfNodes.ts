/** Joins the parts of a runner that deal with nodes that are lost: they say so of their workflows, go on with those that say so, and say it of own commands that ended with this node. */
import { pauseFor } from "../../shared/pause.js";
import type { Nodes } from "../cluster/cluster.js";
import type { Log } from "../log/log.js";
import type { ServerCommand } from "../state/rules/serverCommands.js";
import { isLive } from "../state/store/record.js";
import type { Crews } from "./crews.js";
import type { CrewsOptions, LostCommand } from "./crewsOptions.js";
import { type GoingOnOptions, goesOnAfterLoss, goOn } from "./goingOn.js";
import { AfterLoss } from "./lost/afterLoss.js";
import { LostNodes } from "./lost/lostNodes.js";

interface OfNodesParts extends CrewsOptions {
  readonly crews: Crews;
  readonly untilGone: (workflow_id: string) => Promise<void>;
}

/** Of a cluster; none of them has begun. */
export function ofLostNodes(nodes: Nodes, parts: OfNodesParts): readonly (LostNodes | AfterLoss)[] {
  const { crews } = parts;
  return [
    new LostNodes({
      ...{ ...parts, nodes },
      goesOn: (record, at) => goesOnAfterLoss(record, crews, at),
    }),
    new AfterLoss({
      ...{ ...parts, nodes },
      isHere: (workflow_id) => crews.isHere(workflow_id),
      goOn: (record, queued) => goOn(record.workflow_id, [], parts, { record, queued }),
    }),
  ];
}

const AGAIN_MS = 500;

/** As after a crash, in the life of this server. Resolves also where it could not be said before the server closes: the next one says it. */
export async function sayLost(
  { workflow_id, error: { reason, message }, isOurs, over }: LostCommand,
  options: GoingOnOptions & Pick<CrewsOptions, "clock"> & { readonly log: Pick<Log, "error"> },
): Promise<void> {
  const { store, workflows, crews, clock, log } = options;
  const record = store.open.get(workflow_id);
  const at = new Date(clock.now()).toISOString();
  const node = crews.lease.node;
  const isOfNode = reason === "node_lost" && node !== undefined && isLive(record);
  const goesOn = isOfNode ? goesOnAfterLoss(record, crews, at) : undefined;
  const lost = isOfNode && { node, since: null, isEnded: true, ...(goesOn && { goesOn }) };
  const command: ServerCommand = { kind: "interrupt", reason, ...(lost && { lost }) };
  while (!over.aborted) {
    try {
      await workflows.say(workflow_id, command, isOurs);
      break;
    } catch (error) {
      // In a cluster the store may be out of reach just now: for that a command was ended.
      log.error({ err: error, workflow_id }, "it could not be said yet that its command is gone");
      await pauseFor(clock, AGAIN_MS, over);
    }
  }
  if (over.aborted || isOfNode) return;
  await workflows.say(workflow_id, { kind: "note", note: `${message}.` });
  await goOn(workflow_id, [], options);
}

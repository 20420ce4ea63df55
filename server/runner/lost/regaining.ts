/** Takes back a workflow that was taken for lost with this node, once the others see the node again. */
import type { Clock } from "../../../shared/clock.js";
import { pauseFor } from "../../../shared/pause.js";
import type { Nodes } from "../../cluster/cluster.js";
import type { Log } from "../../log/log.js";
import type { RunnerLease } from "../../state/rules/submission.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Workflows } from "../../state/workflows.js";

export interface RegainingParts {
  readonly nodes: Pick<Nodes, "me" | "isSure">;
  readonly workflows: Pick<Workflows, "say">;
  readonly clock: Clock;
  readonly lease: RunnerLease;
  /** Whether it may be had again still. */
  readonly mayRegain: () => boolean;
  /** Aborted where nobody wants it any more. */
  readonly over: AbortSignal;
  readonly log: Pick<Log, "error">;
  /** Its commands may have been ended meanwhile. */
  readonly endsWithNode: boolean;
}

const AGAIN_MS = 500;

/** Resolves once it is ours again, or never will be: whoever hears of commits knows which. Never rejects. */
export async function regain(
  { workflow_id, fence, state }: LiveRecord,
  { nodes, workflows, clock, lease, mayRegain, over, log, endsWithNode }: RegainingParts,
): Promise<void> {
  while (mayRegain() && !over.aborted) {
    // Before the others see this node again they would take the workflow for lost once more.
    if (nodes.isSure) {
      const away = awayNote(nodes.me, state.interruption?.at, clock.now());
      const note = endsWithNode ? `${away}.` : `${away}, and the command had kept running.`;
      try {
        await workflows.say(workflow_id, { kind: "regain", lease, fence, note });
        if (!mayRegain()) return;
      } catch (error) {
        log.error({ err: error, workflow_id }, "not taken back yet");
      }
    }
    await pauseFor(clock, AGAIN_MS, over);
  }
}

const awayNote = (node: string, at: string | undefined, now: number): string =>
  `Node ${node} was out of reach and taken for lost at ${at ?? "an unknown time"}; it was back at ${new Date(now).toISOString()}`;

/** Where in a cluster the output of an attempt is kept: on this server, or on which other node. */
import { attemptOf } from "../../shared/state/attempt.js";
import { homeOf } from "../../shared/state/stepHome.js";
import { eachStep, stepAtIndex } from "../../shared/state/stepPlace.js";
import type { Nodes } from "../cluster/cluster.js";
import type { Attempts } from "./attempts.js";
import type { LiveOwner } from "./owners.js";

/** As much of a record as says where its output is kept. */
export interface HomedOwner {
  /** The node that took its start. */
  readonly home?: string | undefined;
  readonly lease?: { readonly boot_id?: string | undefined } | null;
}

/**
 * The node that will keep the output of an attempt that begins. The runner of a node keeps its own. An outside driver speaks to any node, so all its output
 * goes to the one that took the start, also what is printed before the step is reported to begin; to `me` while that node is away.
 */
export function keeperOf(
  { home, lease }: HomedOwner,
  me: string,
  isThere: (node: string) => boolean,
): string {
  if (home === undefined || lease?.boot_id !== undefined) return me;
  return isThere(home) ? home : me;
}

export class OutputHomes {
  readonly #nodes: Pick<Nodes, "me" | "present" | "awaySince">;
  readonly #here: Attempts;

  /** `here`: the attempts of which this server keeps output. */
  constructor(nodes: Pick<Nodes, "me" | "present" | "awaySince">, here: Attempts) {
    this.#nodes = nodes;
    this.#here = here;
  }

  /** The other node that keeps the output of an attempt; null where it is this one. */
  elsewhere(record: LiveOwner & HomedOwner, step: number, attempt: number): string | null {
    const { me } = this.#nodes;
    const home = told(record, step, attempt) ?? this.#untold(record, step, attempt);
    return home === me ? null : home;
  }

  /**
   * Whether this server says it where the workflow's driver is silent: the node that keeps what its steps print while that is there, else any. Several may be
   * at work on several nodes: then it is the first that is there.
   */
  isJudgeOf(record: LiveOwner & HomedOwner): boolean {
    const { me } = this.#nodes;
    const atWork = [...eachStep(record.state)].filter(([, step]) => step.status === "in_progress");
    const homes = atWork.map(([index, step]) => this.elsewhere(record, index, attemptOf(step)));
    const asked = homes.length > 0 ? homes : [keeperOf(record, me, (node) => this.isThere(node))];
    const judge = asked.find((home) => home === null || this.isThere(home)) ?? me;
    return judge === me;
  }

  isThere(node: string): boolean {
    return this.#nodes.present.has(node);
  }

  /** RFC 3339; null where the node is there, and where nobody knows. */
  awaySince(node: string): string | null {
    return this.#nodes.awaySince(node);
  }

  #untold(record: LiveOwner & HomedOwner, step: number, attempt: number): string {
    const { me } = this.#nodes;
    if (this.#here.attempts(record, step).includes(attempt)) return me;
    return keeperOf(record, me, (node) => this.isThere(node));
  }
}

function told({ state }: LiveOwner, index: number, attempt: number): string | undefined {
  const step = stepAtIndex(state, index);
  if (!step || attemptOf(step) === attempt) return homeOf(step);
  return homeOf((step.attempts ?? []).find((one) => one.attempt === attempt));
}

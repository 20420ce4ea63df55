/** The port to the output of steps in a cluster: what other nodes keep is asked of them where a step ends, and unknown until then. */
import type { Clock } from "../../shared/clock.js";
import type { PeerAnswer, Peers } from "../cluster/cluster.js";
import type { OutputHomes } from "../output/homes.js";
import type { WorkflowEpoch } from "../output/owners.js";
import type { EndedAttempt, OutputPort } from "./outputPort.js";
import { isLive, type LiveRecord } from "./store/record.js";
import type { Store } from "./store/store.js";

export interface ClusterOutputParts {
  readonly here: OutputPort;
  readonly homes: OutputHomes;
  readonly peers: Pick<Peers, "call">;
  readonly store: Pick<Store, "open">;
  readonly clock: Pick<Clock, "after">;
}

type Named = WorkflowEpoch & EndedAttempt;

/** A report is not kept waiting for longer. */
const ANSWER_MS = 3_000;
/** Ends that were told are needed once, a moment later. */
const MOST_KNOWN = 1_024;
const MOST_ANSWER_BYTES = 64 * 1024;

export class ClusterOutput implements OutputPort {
  readonly #parts: ClusterOutputParts;
  readonly #known = new Map<string, number>();

  constructor(parts: ClusterOutputParts) {
    this.#parts = parts;
  }

  next(output: Named): number | null {
    const { here, homes, store } = this.#parts;
    const record = store.open.get(output.workflow_id);
    const isKnown = isLive(record) && record.epoch === output.epoch;
    if (!isKnown || homes.elsewhere(record, output.step, output.attempt) === null)
      return here.next(output);
    return this.#known.get(keyOf(output)) ?? null;
  }

  flush(owner: WorkflowEpoch): Promise<void> {
    return this.#parts.here.flush(owner);
  }

  adopt(owner: WorkflowEpoch, from: string): Promise<void> {
    return this.#parts.here.adopt(owner, from);
  }

  lastAppend(owner: WorkflowEpoch): number | null {
    return this.#parts.here.lastAppend(owner);
  }

  /** Never rejects: a report is taken, also where the node that keeps the output is away. */
  async learn(record: LiveRecord, ended: readonly EndedAttempt[]): Promise<boolean> {
    const { homes } = this.#parts;
    const { workflow_id, epoch } = record;
    const asked = ended.flatMap(({ step, attempt }) => {
      const home = homes.elsewhere(record, step, attempt);
      if (home === null || !homes.isThere(home)) return [];
      return [this.#ask(home, { workflow_id, epoch, step, attempt })];
    });
    return (await Promise.all(asked)).some((isLearnt) => isLearnt);
  }

  async #ask(home: string, output: Named): Promise<boolean> {
    const { peers, clock } = this.#parts;
    const { workflow_id, epoch, step, attempt } = output;
    const query = new URLSearchParams({ workflow_id, epoch, attempt: String(attempt) });
    const late = new AbortController();
    const cancel = clock.after(ANSWER_MS, () => late.abort());
    try {
      const answer = await peers.call(home, {
        method: "POST",
        path: `/workflow/state/steps/${step}/log/flush?${query}`,
        signal: late.signal,
      });
      const next = answer.status === 200 ? await nextIn(answer) : null;
      if (next === null) return false;
      this.#know(keyOf(output), next);
      return true;
    } catch {
      return false;
    } finally {
      cancel();
    }
  }

  #know(key: string, next: number): void {
    this.#known.delete(key);
    this.#known.set(key, next);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

async function nextIn({ body }: PeerAnswer): Promise<number | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of body) {
    parts.push(bytes);
    length += bytes.length;
    if (length > MOST_ANSWER_BYTES) return null;
  }
  const answer: unknown = JSON.parse(Buffer.concat(parts).toString());
  const next = typeof answer === "object" && answer !== null && "next" in answer && answer.next;
  return Number.isSafeInteger(next) && (next as number) >= 0 ? (next as number) : null;
}

const keyOf = ({ workflow_id, epoch, step, attempt }: Named): string =>
  `${workflow_id} ${epoch} ${step} ${attempt}`;

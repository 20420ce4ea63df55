/** Remembers for a while which starts, of those that named no workflow, were carried out by some server: the same request starts one workflow only. */
import type { FamilyEvent, KeyMirror } from "../../../cluster/keyMirror.js";
import type { Operation } from "../../../etcd/etcd.js";
import { isLive, type WorkflowRecord } from "../record.js";
import { REQUESTS, requestKey } from "./etcdKeys.js";
import type { PassingKeys } from "./passingKeys.js";

interface RequestsParts {
  readonly mirror: Pick<KeyMirror, "follow">;
  readonly passing: PassingKeys;
}

export class Requests {
  readonly #parts: RequestsParts;
  /** By the name of its key below the family. */
  readonly #taken = new Map<string, string>();
  readonly #stop: () => void;

  constructor(parts: RequestsParts) {
    this.#parts = parts;
    this.#stop = parts.mirror.follow(REQUESTS, (event) => this.#hear(event));
  }

  /** The requests that a start answers, each with what is written so that it is known to the other servers. */
  async claim(
    base: WorkflowRecord | null,
    next: WorkflowRecord,
  ): Promise<readonly { readonly requestId: string; readonly operation: Operation }[]> {
    const own = startsOf(base, next);
    if (own.length === 0) return [];
    const lease = await this.#parts.passing.lease();
    const value = Buffer.from(next.workflow_id);
    return own.map((requestId) => ({
      requestId,
      operation: { put: requestKey(requestId), value, lease },
    }));
  }

  /** The workflow that one of these requests has started already. */
  takenBy(next: WorkflowRecord): { requestId: string; workflow_id: string } | null {
    for (const { id: requestId, implied } of next.receipts) {
      const workflow_id = this.#taken.get(requestKey(requestId).slice(REQUESTS.length));
      if (implied && workflow_id !== undefined && workflow_id !== next.workflow_id)
        return { requestId, workflow_id };
    }
    return null;
  }

  close(): void {
    this.#stop();
  }

  #hear(event: FamilyEvent): void {
    if (event.kind === "put") this.#taken.set(event.key, event.value.toString());
    else this.#taken.delete(event.key);
  }
}

/** Of a record that begins: the requests that named no workflow. */
function startsOf(base: WorkflowRecord | null, next: WorkflowRecord): string[] {
  if (!isLive(next) || isLive(base)) return [];
  const known = new Set(base?.receipts.map(({ id }) => id));
  return next.receipts.flatMap(({ id, implied }) => (implied && !known.has(id) ? [id] : []));
}

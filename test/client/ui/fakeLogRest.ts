/** The output of one attempt as REST gives it, from a text in memory; bytes may be left out of its middle. */
import { type LogBytes, type ReadLogOptions, SyncError } from "../../../client/index.js";

export interface FakeLogRest {
  log(workflow_id: string, step: number, options?: ReadLogOptions): Promise<LogBytes>;
  append(text: string): void;
  /** How often it was asked. */
  readonly calls: number;
}

export function fakeLogRest(text: string, gap = { from: 0, to: 0 }): FakeLogRest {
  let all = new TextEncoder().encode(text);
  let calls = 0;
  return {
    append(more) {
      all = new Uint8Array([...all, ...new TextEncoder().encode(more)]);
    },
    get calls() {
      return calls;
    },
    async log(_, __, { from = 0, to, tail, attempt = 1, signal } = {}) {
      calls += 1;
      signal?.throwIfAborted();
      if (tail !== undefined) from = Math.max(0, all.length - tail);
      const end = Math.min(to ?? all.length, all.length);
      const isLeftOut = from < gap.to && end > gap.from;
      if (to !== undefined && (from >= all.length || isLeftOut))
        throw new SyncError("no_such_range", "These bytes are not there");
      return { attempt, from, next: end, bytes: all.slice(from, end) };
    },
  };
}

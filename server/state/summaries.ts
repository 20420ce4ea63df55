/** Each workflow in one line, as those of a scope see it. */

import { type Summary, summaryOf } from "../../shared/state/summary.js";
import { isEnded } from "../../shared/statuses.js";
import type { PastRuns } from "./pastRuns.js";
import type { Scope } from "./scope.js";
import type { LiveRecord } from "./store/record.js";

export class Summaries {
  readonly #past: PastRuns;
  /** Summaries without the usual duration, each made once for a revision, for every scope. */
  readonly #open = new WeakMap<LiveRecord, Summary>();
  readonly #inHistory = new WeakMap<LiveRecord, Summary>();

  constructor(past: PastRuns) {
    this.#past = past;
  }

  of(record: LiveRecord, inHistory: boolean, scope: Scope): Summary {
    const known = inHistory ? this.#inHistory : this.#open;
    let summary = known.get(record);
    if (!summary) {
      summary = summaryOf(record.state, record.epoch, inHistory);
      known.set(record, summary);
    }
    const { retried_from } = summary;
    const isNamed = retried_from === null || scope.has(retried_from);
    return this.withUsual(isNamed ? summary : { ...summary, retried_from: null }, scope);
  }

  /** The same where nothing is usual, or by now something else is. */
  withUsual(summary: Summary, scope: Scope): Summary {
    const { definition, status } = summary;
    if (isEnded(status) || definition === null) return summary;
    const { usual_ms } = this.#past.of(definition, scope);
    return usual_ms === summary.usual_ms ? summary : { ...summary, usual_ms };
  }
}

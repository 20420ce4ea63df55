/** `GET /workflows`: every workflow a token sees is looked at, in turns with everyone else, and a page of what fits is told. */
import type { RequestHandler } from "express";
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { comparePlaces, fitting, placing } from "../../../shared/state/listQuery.js";
import type { Summary } from "../../../shared/state/summary.js";
import type { ListAnswer } from "../../../shared/wire/rest.js";
import type { Scope } from "../../state/scope.js";
import type { Summaries } from "../../state/summaries.js";
import { toldDamages } from "../../state/toldDamages.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";
import { accessOf } from "../access/caller.js";
import { goneOf } from "../answer/gone.js";
import { sendJson } from "../answer/sendJson.js";
import { done, type Turns } from "../pace/turns.js";
import { queryOf } from "../request/query.js";
import { Best } from "./best.js";
import { cursorAfter, type ListQuery, readListQuery } from "./listQuery.js";

export interface ListParts {
  readonly workflows: Workflows;
  readonly summaries: Summaries;
  readonly turns: Turns;
  readonly clock: Pick<Clock, "now">;
}

/** A disk that broke damages all records: beyond so many, more names would tell nothing new. */
const MOST_DAMAGED = 1000;
/** Looked at without a yield. */
const AT_ONCE = 32;
/** So many lists are looked through at once: each holds a page. */
const MOST_AT_ONCE = 100;

export function listCall(parts: ListParts): RequestHandler {
  const listing = new Listing(parts);
  return async (request, response) => {
    const query = readListQuery(queryOf(request), parts.clock.now());
    const { grant } = accessOf(response);
    const answer = await listing.answer(query, grant.scope, goneOf(response));
    if (answer) sendJson(response, answer);
  };
}

class Listing {
  readonly #parts: ListParts;
  #underWay = 0;

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  /** Null where `signal` has said that nobody waits for it any more. Rejects with SyncError `too_many`. */
  async answer(query: ListQuery, scope: Scope, signal: AbortSignal): Promise<ListAnswer | null> {
    if (this.#underWay >= MOST_AT_ONCE)
      throw new SyncError(
        "rate_limited",
        `${MOST_AT_ONCE} lists are being looked through already`,
        {
          retryAfter: 1,
        },
      );
    this.#underWay += 1;
    try {
      return await done(this.#parts.turns, this.#search(query, scope), signal);
    } finally {
      this.#underWay -= 1;
    }
  }

  *#search(query: ListQuery, scope: Scope): Generator<undefined, ListAnswer> {
    const { workflows, summaries } = this.#parts;
    const { filter, order, limit, after, at } = query;
    const fits = fitting({ ...filter, status: undefined });
    const place = order && placing(order, at);
    const direction = order ?? { isDescending: true };
    const best = new Best<Summary>(limit + 1, (one, other) => comparePlaces(direction, one, other));
    const counts: Record<string, number> = {};
    let looked = 0;
    for (const { record, inHistory } of eachOnce(workflows.all())) {
      looked += 1;
      if (looked % AT_ONCE === 0) yield;
      if (!scope.has(record.workflow_id)) continue;
      const summary = summaries.of(record, inHistory, scope);
      if (!fits(summary)) continue;
      counts[summary.status] = (counts[summary.status] ?? 0) + 1;
      if (filter.status && !filter.status.includes(summary.status)) continue;
      const stands = place?.(summary) ?? { key: record.order, started: 0, epoch: "" };
      if (after && comparePlaces(direction, stands, after) <= 0) continue;
      best.add(stands, summary);
    }
    const page = best.items.slice(0, limit);
    const last = best.places[limit - 1];
    const damaged = toldDamages(workflows.damages, scope).slice(0, MOST_DAMAGED);
    return {
      success: true,
      workflows: page,
      ...(after === null && damaged.length > 0 ? { damaged } : {}),
      ...(query.counts ? { counts } : {}),
      next: best.items.length > limit && last ? cursorAfter(query, last) : null,
    };
  }
}

/** Passes over a workflow in the history that came before as an open one: it moved while the list was made. */
function* eachOnce(all: Iterable<KnownWorkflow>): Iterable<KnownWorkflow> {
  const open = new Set<string>();
  for (const found of all) {
    if (!found.inHistory) open.add(found.record.epoch);
    else if (open.has(found.record.epoch)) continue;
    yield found;
  }
}

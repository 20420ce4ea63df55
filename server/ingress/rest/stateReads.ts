/** `GET /workflow/state` and its summary: the state at once, or held until it is another one than the caller knows. */
import type { RequestHandler, Response } from "express";
import type { Clock } from "../../../shared/clock.js";
import type { Limits } from "../../../shared/limits.js";
import { CURRENT } from "../../../shared/names.js";
import { progressOf } from "../../../shared/state/summary.js";
import {
  DAMAGED_TAG,
  type DamagedWorkflow,
  type StateAnswer,
  type SummaryAnswer,
} from "../../../shared/wire/rest.js";
import { stateText } from "../../egress/frames.js";
import { toldDamageOf } from "../../state/toldDamages.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";
import { type Access, mayDrive } from "../access/access.js";
import { accessOf } from "../access/caller.js";
import { findWithin } from "../access/within.js";
import { goneOf } from "../answer/gone.js";
import type { HeldAnswers } from "../answer/heldAnswers.js";
import { sendJson, sendText } from "../answer/sendJson.js";
import { matchesNone, tagOf, waitIn } from "../request/conditions.js";
import { queryOf } from "../request/query.js";
import { subjectOf } from "../request/subject.js";

export interface StateReadsParts {
  readonly workflows: Workflows;
  readonly held: HeldAnswers;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "longestWaitMs">;
  readonly isDraining: () => boolean;
}

export class StateReads {
  readonly #parts: StateReadsParts;

  constructor(parts: StateReadsParts) {
    this.#parts = parts;
  }

  readonly state: RequestHandler = async (request, response) => {
    const subject = subjectOf(request) ?? CURRENT;
    const wait = waitIn(queryOf(request).wait, this.#parts.limits.longestWaitMs);
    const known = request.get("If-None-Match");
    const found = await this.#whenMoved(subject, known, wait, response);
    const tag = this.#tagOf(subject, found, response);
    response.setHeader("ETag", tag);
    response.setHeader("Cache-Control", "no-store");
    if (matchesNone(known, tag)) response.status(304).end();
    else if (found) sendText(response, stateAnswer(found, accessOf(response)));
    else sendJson(response, nothingAnswer(this.#damageOf(subject, response)));
  };

  readonly summary: RequestHandler = (request, response) => {
    const found = this.#find(subjectOf(request) ?? CURRENT, response);
    const summary = progressOf(found?.record.state ?? null);
    const answer: SummaryAnswer = { success: true, summary };
    sendJson(response, answer);
  };

  /** Resolves once the state is no longer what the caller knows, when the time is over, or when nobody waits any more. */
  async #whenMoved(
    subject: string,
    known: string | undefined,
    wait: number,
    response: Response,
  ): Promise<KnownWorkflow | null> {
    const { clock, held, isDraining } = this.#parts;
    const gone = goneOf(response);
    const until = clock.elapsed() + wait;
    for (;;) {
      const found = this.#find(subject, response);
      const left = until - clock.elapsed();
      if (left <= 0 || gone.aborted || isDraining()) return found;
      if (!matchesNone(known, this.#tagOf(subject, found, response))) return found;
      await held.next(subject, left, gone);
    }
  }

  #find(subject: string, response: Response): KnownWorkflow | null {
    return findWithin(this.#parts.workflows, accessOf(response).grant.scope, subject);
  }

  /** A damaged workflow has a tag of its own: whoever waits hears that it was damaged, and that it was restored. */
  #tagOf(subject: string, found: KnownWorkflow | null, response: Response): string {
    return found === null && this.#damageOf(subject, response) ? DAMAGED_TAG : tagOf(found);
  }

  #damageOf(subject: string, response: Response): DamagedWorkflow | null {
    return toldDamageOf(this.#parts.workflows.damages, subject, accessOf(response).grant.scope);
  }
}

function nothingAnswer(damaged: DamagedWorkflow | null): StateAnswer {
  const nothing = { success: true, active: false, state: null } as const;
  return damaged ? { ...nothing, damaged } : nothing;
}

/** Joined as text: the state is serialized once for each revision, whoever reads it. */
function stateAnswer(found: KnownWorkflow, access: Access): string {
  const { state, epoch, revision } = found.record;
  const text = stateText(mayDrive(access) ? "drive" : "watch", state);
  const active = state.status === "running";
  return `{"success":true,"active":${active},"state":${text},"epoch":${JSON.stringify(epoch)},"revision":${revision}}`;
}

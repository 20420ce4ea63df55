/** `GET /workflow/state` and its summary: the state at once, or held until it is another one than the caller knows. */
import type { IncomingMessage, ServerResponse } from "node:http";
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
import type { Standing } from "../../cluster/standing.js";
import { stateText } from "../../egress/frames.js";
import { toldDamageOf } from "../../state/toldDamages.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";
import type { Access } from "../access/access.js";
import { audienceOf, findWithin } from "../access/within.js";
import type { HeldAnswers } from "../answer/heldAnswers.js";
import { sendJson, sendText } from "../answer/sendJson.js";
import { tellStanding } from "../answer/standingHeaders.js";
import { matchesNone, tagOf, waitIn } from "../request/conditions.js";
import { checkIdName, queryOf } from "../request/query.js";
import { subjectIn } from "../request/subject.js";

export interface StateReadsParts {
  readonly workflows: Workflows;
  readonly held: HeldAnswers;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "longestWaitMs">;
  readonly standing: Standing;
  readonly isDraining: () => boolean;
}

/** No answer of a server that cannot follow the store is held for longer: whoever waits has to know, and asks again no faster than one who polls. */
const STALE_WAIT_MS = 2_000;

/** The call of somebody who was let in. Throws SyncError, or rejects with it where the answer had to wait. */
export type Read = (
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
) => void | Promise<void>;

interface Asked {
  readonly subject: string;
  /** The tags of the states that the caller knows. */
  readonly known: string | undefined;
  readonly access: Access;
}

/** Asks nothing of Express: these calls are also answered before it. */
export class StateReads {
  readonly #parts: StateReadsParts;

  constructor(parts: StateReadsParts) {
    this.#parts = parts;
  }

  readonly state: Read = (request, response, access) => {
    const query = queryOf(request);
    checkIdName(query);
    const subject = subjectIn(query) ?? CURRENT;
    const asked = { subject, known: request.headers["if-none-match"], access };
    const wait = waitIn(query.wait, this.#parts.limits.longestWaitMs);
    if (wait > 0) return this.#answerOnceMoved(asked, wait, response);
    return this.#answer(response, asked, this.#find(asked));
  };

  readonly summary: Read = (request, response, access) => {
    const query = queryOf(request);
    checkIdName(query);
    const found = this.#find({ subject: subjectIn(query) ?? CURRENT, access });
    const summary = progressOf(found?.record.state ?? null);
    const answer: SummaryAnswer = { success: true, summary };
    sendJson(response, answer);
  };

  /** Answers once the state is no longer what the caller knows, when the time is over, when it becomes stale or follows again, or when nobody waits any more. */
  async #answerOnceMoved(asked: Asked, wait: number, response: ServerResponse): Promise<void> {
    const { clock, held, standing, isDraining } = this.#parts;
    const since = standing.staleSince;
    const until = clock.elapsed() + (since === null ? wait : Math.min(wait, STALE_WAIT_MS));
    for (;;) {
      const found = this.#find(asked);
      const left = until - clock.elapsed();
      const isOver = left <= 0 || response.destroyed || isDraining();
      const isNews = standing.staleSince !== since;
      if (isOver || isNews || !matchesNone(asked.known, this.#tagOf(asked, found))) {
        tellStanding(standing, response);
        return this.#answer(response, asked, found);
      }
      await held.next(asked.subject, left, response);
    }
  }

  #answer(response: ServerResponse, asked: Asked, found: KnownWorkflow | null): void {
    const tag = this.#tagOf(asked, found);
    response.setHeader("ETag", tag);
    response.setHeader("Cache-Control", "no-store");
    if (matchesNone(asked.known, tag)) {
      response.statusCode = 304;
      response.end();
    } else if (found) sendText(response, stateAnswer(found, asked.access));
    else sendJson(response, nothingAnswer(this.#damageOf(asked)));
  }

  #find({ subject, access }: Pick<Asked, "subject" | "access">): KnownWorkflow | null {
    return findWithin(this.#parts.workflows, access.grant.scope, subject);
  }

  /** A damaged workflow has a tag of its own: whoever waits hears that it was damaged, and that it was restored. */
  #tagOf(asked: Asked, found: KnownWorkflow | null): string {
    return found === null && this.#damageOf(asked) ? DAMAGED_TAG : tagOf(found);
  }

  #damageOf({ subject, access }: Asked): DamagedWorkflow | null {
    return toldDamageOf(this.#parts.workflows.damages, subject, access.grant.scope);
  }
}

function nothingAnswer(damaged: DamagedWorkflow | null): StateAnswer {
  const nothing = { success: true, active: false, state: null } as const;
  return damaged ? { ...nothing, damaged } : nothing;
}

/** Joined as text: the state is serialized once for each revision, whoever reads it. */
function stateAnswer(found: KnownWorkflow, access: Access): string {
  const { state, epoch, revision } = found.record;
  const text = stateText(audienceOf(access), state);
  const active = state.status === "running";
  return `{"success":true,"active":${active},"state":${text},"epoch":${JSON.stringify(epoch)},"revision":${revision}}`;
}

/** The calls for links that show one workflow: made, listed and taken back by those who may drive. */
import type { RequestHandler } from "express";
import * as z from "zod";
import { SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import { WorkflowId } from "../../../shared/schema/workflow.js";
import type {
  ShareAnswer,
  ShareMadeAnswer,
  SharesAnswer,
  ShareView,
} from "../../../shared/wire/rest.js";
import type { Workflows } from "../../state/workflows.js";
import { type Access, type Gate, mayAdminister } from "../access/access.js";
import { accessOf } from "../access/caller.js";
import type { KeptShare } from "../access/shareStore.js";
import { DEFAULT_SHARE_MS, type Shares } from "../access/shares.js";
import { checkSubject, findWithin } from "../access/within.js";
import { sendJson } from "../answer/sendJson.js";
import { parseWith } from "../json/strictJson.js";
import { namedBeside, subjectOf } from "../request/subject.js";
import type { Unheard } from "../request/unheard.js";

export interface ShareCallsParts {
  readonly shares: Shares;
  readonly workflows: Workflows;
  readonly gate: Pick<Gate, "isOpen">;
  readonly unheard: Pick<Unheard, "of">;
}

const MakeBody = z.strictObject({
  workflow_id: WorkflowId.optional(),
  for_ms: z.number().optional(),
});
const RevokeBody = z.strictObject({ share: z.string().min(1).max(2_000) });

export class ShareCalls {
  readonly #parts: ShareCallsParts;

  constructor(parts: ShareCallsParts) {
    this.#parts = parts;
  }

  readonly make: RequestHandler = async (request, response) => {
    const { workflows, unheard } = this.#parts;
    const body = parseWith(MakeBody, request.body === undefined ? {} : request.body);
    const { workflow_id = body.workflow_id ?? CURRENT } = namedBeside(request, body);
    const { scope, user } = accessOf(response).grant;
    await unheard.of(workflow_id);
    const found = findWithin(workflows, scope, workflow_id);
    if (!found) throw new SyncError("unknown_workflow", "there is no such workflow");
    const asked = {
      workflow_id: found.record.workflow_id,
      forMs: body.for_ms ?? DEFAULT_SHARE_MS,
      by: user,
    };
    const { token, path, ...share } = await madeLink(this.#parts, asked);
    const answer: ShareMadeAnswer = { success: true, message: "Link made", share, token, path };
    sendJson(response.status(201), answer);
  };

  readonly list: RequestHandler = async (request, response) => {
    const { scope } = accessOf(response).grant;
    const workflow_id = subjectOf(request);
    if (workflow_id !== undefined) checkSubject(scope, workflow_id);
    const all = await this.#parts.shares.list(scope);
    const asked = all.filter((one) => workflow_id === undefined || one.workflow_id === workflow_id);
    const answer: SharesAnswer = { success: true, shares: asked.map(viewOf) };
    sendJson(response, answer);
  };

  readonly revoke: RequestHandler = async (request, response) => {
    const { share: named } = parseWith(RevokeBody, request.body === undefined ? {} : request.body);
    const share = await this.#parts.shares.revoke(named, mayRevoke(accessOf(response)));
    const answer: ShareAnswer = { success: true, message: "Link taken back", share: viewOf(share) };
    sendJson(response, answer);
  };
}

/** For a link outside of their workflows as if there were none. */
const mayRevoke =
  (access: Access) =>
  ({ workflow_id, by }: KeptShare): void => {
    const { scope, user } = access.grant;
    if (!scope.has(workflow_id))
      throw new SyncError("not_found", "there is no such link, or no longer");
    if (by !== user && !mayAdminister(access))
      throw new SyncError(
        "forbidden",
        "this link is somebody else's: they or an admin take it back",
      );
  };

/** A new link, with its token and the path of the page that takes it. Rejects with SyncError: as `Shares.make`, and `bad_message` where nobody needs a token. */
export async function madeLink(
  { shares, gate }: Pick<ShareCallsParts, "shares" | "gate">,
  { workflow_id, forMs, by }: { workflow_id: string; forMs: number; by: string | null },
): Promise<ShareView & { token: string; path: string }> {
  if (gate.isOpen) throw new SyncError("bad_message", OPEN);
  const { token, ...share } = await shares.make(workflow_id, forMs, by);
  const path = `w/${encodeURIComponent(share.workflow_id)}#t=${token}`;
  return { ...viewOf(share), token, path };
}

const viewOf = ({ ends_at, made_at, by, ...share }: KeptShare): ShareView => ({
  ...share,
  ends_at: new Date(ends_at).toISOString(),
  made_at: new Date(made_at).toISOString(),
  ...(by === null ? {} : { by }),
});

const OPEN =
  "this server asks nobody for a token: whoever reaches it sees all there is, so send the address of the page";

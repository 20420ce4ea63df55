/** `/workflow/state/deliveries`: the webhooks that were told of a workflow, or are being told, and one more try by hand. */
import type { Request, RequestHandler, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import type { DeliveriesAnswer, DeliveryRetriedAnswer } from "../../../shared/wire/deliveries.js";
import type { Workflows } from "../../state/workflows.js";
import type { Webhooks } from "../../webhooks/webhooks.js";
import { accessOf } from "../access/caller.js";
import { findWithin } from "../access/within.js";
import { sendJson } from "../answer/sendJson.js";
import { subjectOf } from "../request/subject.js";

export interface DeliveryCallsParts {
  readonly workflows: Workflows;
  readonly webhooks: Webhooks;
}

export class DeliveryCalls {
  readonly #parts: DeliveryCallsParts;

  constructor(parts: DeliveryCallsParts) {
    this.#parts = parts;
  }

  readonly list: RequestHandler = async (request, response) => {
    const record = this.#find(request, response);
    const deliveries = await this.#parts.webhooks.deliveriesOf(record);
    const { workflow_id, epoch } = record;
    const answer: DeliveriesAnswer = { success: true, workflow_id, epoch, deliveries };
    response.setHeader("Cache-Control", "no-store");
    sendJson(response, answer);
  };

  readonly retry: RequestHandler = async (request, response) => {
    const { epoch } = this.#find(request, response);
    const delivery = await this.#parts.webhooks.retry(epoch, String(request.params.id));
    const answer: DeliveryRetriedAnswer = { success: true, message: "It is sent again", delivery };
    sendJson(response.status(202), answer);
  };

  #find(request: Request, response: Response) {
    const { grant } = accessOf(response);
    const subject = subjectOf(request) ?? CURRENT;
    const found = findWithin(this.#parts.workflows, grant.scope, subject);
    if (!found) throw new SyncError("unknown_workflow", "there is no such workflow");
    return found.record;
  }
}

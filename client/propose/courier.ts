/** The REST fallback for writing: each command by the call that means the same. */

import { SyncError } from "../../shared/errors.js";
import type { ProposeMessage } from "../../shared/schema/clientMessages.js";
import type { Command } from "../../shared/schema/command.js";
import type { SavedAnswer } from "../../shared/wire/rest.js";
import type { RestClient, WriteOptions } from "../rest/rest.js";
import type { Accepted, Courier } from "./proposals.js";

export function createCourier(rest: RestClient): Courier {
  return async (message, signal) => {
    const { command, token, request_id: requestId } = message;
    const { workflow_id } = command;
    return deliver(rest, command, {
      workflow_id,
      token,
      requestId,
      signal,
      ...expectedBy(message),
    });
  };
}

async function deliver(
  rest: RestClient,
  command: Command,
  options: WriteOptions,
): Promise<Accepted> {
  switch (command.kind) {
    case "save":
      return asAccepted(
        await (command.merge
          ? rest.merge(command.state, options)
          : rest.save(command.state, options)),
      );
    case "step":
      return asAccepted(await rest.reportStep(command.index, command.update, options));
    case "clear":
      await rest.clear(command.workflow_id, options);
      return { workflow_id: command.workflow_id ?? null, epoch: null, revision: null };
    case "restore":
    case "start":
    case "stop":
    case "answer":
    case "resume":
    case "retry":
      return asAccepted(await rest.run(command, options));
    case "claim":
    case "release":
      throw new SyncError("upgrade_required", "a lease needs a WebSocket, and there is none");
  }
}

function expectedBy(message: ProposeMessage): Pick<WriteOptions, "expected"> {
  const { expected_epoch: epoch, expected_revision: revision } = message;
  return epoch === undefined || revision === undefined ? {} : { expected: { epoch, revision } };
}

const asAccepted = ({ workflow_id, epoch, revision }: SavedAnswer): Accepted => ({
  workflow_id,
  epoch,
  revision,
});

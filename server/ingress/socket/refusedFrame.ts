/** The frame `refused`: a command or a frame that was not taken, and why. */
import type { SyncError } from "../../../shared/errors.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import type { Asked } from "./asked.js";

/** Names what it answers where that is known, the position where the refusal tells one, and every faulty field. */
export function refusedFrame(
  { code, message, canRetry, at, errors }: SyncError,
  { requestId, workflow_id }: Asked,
): ServerMessage {
  return {
    type: "refused",
    request_id: requestId,
    code,
    message,
    retry: canRetry,
    ...(workflow_id === undefined ? {} : { workflow_id }),
    ...(at === undefined ? {} : { epoch: at?.epoch ?? null, revision: at?.revision ?? null }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** Ids that nobody else will choose: of requests and of workflows. */

/** For `request_id` and `Idempotency-Key`. Not `randomUUID`, which browsers keep to secure origins. */
export const newRequestId = (): string => randomHex(16);

/** A driver makes it itself, so that a save whose answer was lost can be sent again; the server makes it for a start that names none. */
export const newWorkflowId = (now: number): string => `workflow_${now}_${randomHex(3)}`;

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

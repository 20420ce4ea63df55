/** Why a client whose connection has stopped cannot answer: as a sentence, and as the error that says so. */
import { SyncError } from "../../shared/errors.js";
import { NoAnswerError } from "../wire/noAnswer.js";
import { addressText } from "../wire/noInstep.js";
import type { ConnectionView, StopReason } from "./connectionView.js";

/** `refusal` is how the server turned this client away, where it said so. Null where the client itself was closed. */
export function stopSentence(why: StopReason, mount: URL, refusal: SyncError | null) {
  const server = `The server at ${addressText(mount)}`;
  switch (why) {
    case "unauthorized":
      return `${server} turns this client away: ${(refusal?.message ?? "a token is needed").replace(/\.$/, "")}.`;
    case "refused":
      return `${server} has closed the connection for good.`;
    case "version":
      return `${server} speaks another version of the protocol than this client.`;
    case "asked":
      return null;
  }
}

/** Where the server said how it turned this client away, in its own words, as over REST. */
export function whyStopped(
  { why, problem }: Pick<ConnectionView, "why" | "problem">,
  refusal: SyncError | null = null,
): Error {
  if (problem === null) return new NoAnswerError("the client was closed");
  if (why !== "unauthorized") return new NoAnswerError(problem);
  return refusal ?? new SyncError("unauthorized", problem);
}

/** Why a client whose connection has stopped cannot answer, as the error that says so. */
import { SyncError } from "../shared/errors.js";
import type { StopReason } from "./connectionView.js";
import { NoAnswerError } from "./noAnswer.js";

export function whyStopped(why: StopReason | null): Error {
  switch (why) {
    case "unauthorized":
      return new SyncError("unauthorized", "the server asks for a token, or for another one");
    case "refused":
    case "version":
      return new NoAnswerError(`the connection has stopped (${why})`);
    case "asked":
    case null:
      return new NoAnswerError("the client was closed");
  }
}

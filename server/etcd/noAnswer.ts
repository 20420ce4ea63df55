/** A request to a member that brought no whole answer, with what is known of it. */
import { EtcdUnreachable } from "./etcd.js";

/** Thrown for one try at one member; the caller decides whether another one is asked. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** Surely nothing was done: it never reached the member, or the member said so. */
  readonly isUndone: boolean;
  readonly reason: NoAnswerReason;

  constructor(message: string, isUndone: boolean, reason: NoAnswerReason = "silent") {
    super(message);
    this.isUndone = isUndone;
    this.reason = reason;
  }
}

/** `certificate`: one of the two does not trust the other. `oversized`: the answer is longer than is taken. */
export type NoAnswerReason = "silent" | "certificate" | "oversized";

/** Both of Node's checks and of the alerts that a member sends: then it has done nothing. */
const CERTIFICATE = /CERT|VERIFY_LEAF|ALERT_UNKNOWN_CA/;

/** The failure of a connection or a call, as an answer that did not come. */
export function noAnswerOf(where: string, error: Error, wasSent: boolean): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const { code } = error as NodeJS.ErrnoException;
  const why = error.message || code || error.name;
  if (code !== undefined && CERTIFICATE.test(code)) {
    return new NoAnswer(`${where}: ${why}`, true, "certificate");
  }
  return new NoAnswer(`${where}: ${why}`, !wasSent);
}

/** The answer is longer than is taken: whoever asks for less may have it. */
export class AnswerTooLong extends EtcdUnreachable {}

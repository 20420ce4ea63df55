/** A proposal on its way into the authority, with what the door knows about it. */
import type { Proposal } from "../../shared/command.js";

export interface Submission extends Proposal {
  /** How long it was on the wire: a bound for how much it can make a state grow. */
  readonly bytes: number;
  /** Set by the authority: the sender named no workflow. */
  readonly implied?: boolean;
}

/** A proposal on its way into the authority, with what the door and the runner add to it. */
import type { CommandKind, CommandOf, Proposal } from "../../../shared/schema/command.js";
import type { Queued, StateInput, WorkflowState } from "../../../shared/schema/workflow.js";

/** The additions of the server's runner to a command that it will carry out. */
export interface Prepared {
  /** The first state of a new workflow. */
  readonly state?: StateInput;
  /** The server's own fields of a new workflow. */
  readonly serverFields?: Pick<WorkflowState, "definition" | "retried_from" | "concurrency">;
  /** Where the runner keeps a new workflow's inputs and secrets: the record's private name. */
  readonly run?: string;
  /** The labels that a node of a cluster must have to run a new workflow. */
  readonly labels?: readonly string[] | undefined;
  /** Null: it has to wait for its turn. */
  readonly lease: RunnerLease | null;
  /** Without a lease: what it waits for, where that is more than a free place. */
  readonly behind?: WaitsFor | undefined;
  /** Asked each time the command is reduced, where other servers give out turns, too: what was decided may be wrong by then. */
  readonly turnNow?: (() => Pick<Prepared, "lease" | "behind">) | undefined;
}

/** The one of its group, or the labels that no node has: what keeps a workflow from its turn beside a free place. */
export type WaitsFor = Pick<Queued, "group" | "behind" | "labels">;

/** A lease of the server's own runner, which ends with the process of that boot. */
export interface RunnerLease {
  readonly driver: string;
  readonly boot_id: string;
  /** The name of that server in its cluster. */
  readonly node?: string | undefined;
}

/** A proposal with everything that the way in adds to it. */
export interface Submission extends Proposal {
  /** How long it was on the wire: a bound for how much it can make a state grow. */
  readonly bytes: number;
  /** The name of its sender, where the door knows it. */
  readonly user?: string | undefined;
  /** Set by the authority: the sender named no workflow. */
  readonly implied?: boolean;
  readonly prepared?: Prepared;
}

/** A submission whose command is known to be of one kind. */
export interface SubmissionOf<Kind extends CommandKind> extends Submission {
  readonly command: CommandOf<Kind>;
}

/** The bounds of a token that is bound to some workflows, for both doors. */
import { SyncError } from "../../../shared/errors.js";
import { CURRENT, LIST } from "../../../shared/names.js";
import type { Command } from "../../../shared/schema/command.js";
import type { Audience } from "../../egress/frames.js";
import { namedIn } from "../../state/rules/meantWorkflow.js";
import type { Scope } from "../../state/scope.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";
import { type Access, mayDrive } from "./access.js";

/** Throws SyncError `forbidden` for a workflow outside of the scope. The list and `current` are always inside: they show what the scope has. */
export function checkSubject(scope: Scope, subject: string): void {
  if (subject === LIST || subject === CURRENT || scope.has(subject)) return;
  throw new SyncError("forbidden", `this token is bound to ${words(scope)}`);
}

/** As `Workflows.find`, with `current` as the newest workflow in the scope. Throws SyncError `forbidden`. */
export function findWithin(
  workflows: Workflows,
  scope: Scope,
  subject: string,
): KnownWorkflow | null {
  checkSubject(scope, subject);
  if (subject !== CURRENT || scope.isEverything) return workflows.find(subject);
  const record = workflows.currentWithin(scope);
  return record && { record, inHistory: false };
}

/** The view of a state that the caller gets. */
export function audienceOf(access: Access): Audience {
  const may = mayDrive(access) ? "drive" : "watch";
  return access.grant.scope.isEverything ? may : `bound ${may}`;
}

/** The refusal of a command in words that name no workflow outside of the scope. */
export function refusalWithin(scope: Scope, error: unknown): unknown {
  const namesOther = error instanceof SyncError && error.code === "group_busy";
  return namesOther && !scope.isEverything ? new SyncError(error.code, BUSY) : error;
}

/** Throws SyncError `forbidden` for a command that names a workflow outside of the scope, or could come to mean one. */
export function checkCommand(scope: Scope, command: Command): void {
  if (scope.isEverything) return;
  const named = command.kind === "retry" ? null : namedIn(command);
  if (named !== null) return checkSubject(scope, named);
  const why =
    command.kind === "retry"
      ? "the server names what is tried again"
      : "a command has to name its workflow_id";
  throw new SyncError("forbidden", `this token is bound to ${words(scope)}: ${why}`);
}

const BUSY = "another workflow of its group is not over yet";

const words = ({ patterns }: Scope): string =>
  patterns?.length === 0
    ? "no workflow"
    : `workflows called ${(patterns ?? []).slice(0, 5).join(", ")}`;

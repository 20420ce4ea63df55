/** The bounds of a token that is bound to some workflows, for both doors. */
import { SyncError } from "../../../shared/errors.js";
import { CURRENT, LIST } from "../../../shared/names.js";
import type { Command } from "../../../shared/schema/command.js";
import { namedIn } from "../../state/rules/meantWorkflow.js";
import type { Scope } from "../../state/scope.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";

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

const words = ({ patterns }: Scope): string =>
  `workflows called ${(patterns ?? []).slice(0, 5).join(", ")}`;

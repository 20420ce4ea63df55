/** What a token that is bound to some workflows may ask for, at both doors. */
import { SyncError } from "../../../shared/errors.js";
import { CURRENT, LIST } from "../../../shared/names.js";
import type { Command } from "../../../shared/schema/command.js";
import { namedIn } from "../../state/rules/meantWorkflow.js";
import type { Scope } from "../../state/scope.js";
import type { KnownWorkflow, Workflows } from "../../state/workflows.js";

/** Throws SyncError `forbidden` for a workflow that is not within. The list and `current` are, as far as they go. */
export function checkSubject(scope: Scope, subject: string): void {
  if (subject === LIST || subject === CURRENT || scope.has(subject)) return;
  throw new SyncError("forbidden", `this token is bound to ${words(scope)}`);
}

/** As `find` of the workflows, where `current` is the newest that is within. Throws SyncError `forbidden`. */
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

/** Throws SyncError `forbidden` for a command that means, or could mean, a workflow that is not within. */
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

/** Tells the reports of a driver with a lease from all other frames, before they are checked: they have a price of their own. */
import type { Leases } from "../../state/leases.js";
import { type Access, mayDrive } from "../access/access.js";

type Holders = Pick<Leases, "isHeldWith">;

/** Whether it is a step or a state of a workflow that is named, with the token of the lease that is held on it. `json` may be anything. */
export function isReportOf(access: Access, leases: Holders, json: unknown): boolean {
  if (!isRecord(json) || json.type !== "propose") return false;
  const { token, command } = json;
  if (typeof token !== "number" || !isRecord(command)) return false;
  const { kind, state } = command;
  const workflow_id = command.workflow_id ?? (isRecord(state) ? state.workflow_id : undefined);
  if ((kind !== "step" && kind !== "save") || typeof workflow_id !== "string") return false;
  return (
    mayDrive(access) && access.grant.scope.has(workflow_id) && leases.isHeldWith(workflow_id, token)
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

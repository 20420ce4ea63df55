/** New epochs for all workflows in view of a store that was put back from a copy: no tab then takes an older state for a newer one. */
import { randomBytes, randomUUID } from "node:crypto";
import { renewed } from "../../state/rules/restoring.js";
import { isLive } from "../../state/store/record.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import type { Side } from "./side.js";

/** How many began a new epoch. Cut short, it is said again: no server begins on the side before. */
export async function renew(side: Side, now: number): Promise<number> {
  const mark = await side.mark();
  if (mark && mark.part !== "renewal")
    throw new CliError(
      ExitCode.failed,
      `A move of ${side.name} was cut short. Say that one again first; it was to or from ${mark.other}.`,
    );
  await side.checkRest();
  const { open } = await side.read();
  const records = open
    .filter(isLive)
    .map((record) => renewed(record, { now, epoch: randomBytes(8).toString("hex") }));
  await side.setMark({ id: randomUUID(), part: "renewal", isCopied: false, other: side.name });
  await side.replace(records);
  const found = new Map((await side.read()).open.map((one) => [one.workflow_id, one.epoch]));
  const old = records.find(({ workflow_id, epoch }) => found.get(workflow_id) !== epoch);
  if (old)
    throw new CliError(
      ExitCode.failed,
      `${side.name} does not hold what was written to it: ${old.workflow_id}. Say it again.`,
    );
  await side.checkRest();
  await side.setMark(null);
  return records.length;
}

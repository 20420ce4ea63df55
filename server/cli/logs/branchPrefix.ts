/** Says before each line of a branch whose it is, where several print at once: `[2.1 eu] `. */
import type { WorkflowState } from "../../../client/index.js";
import {
  branchesOf,
  indexOfPlace,
  placeNumber,
  placeOfIndex,
} from "../../../shared/state/stepPlace.js";
import { printable } from "../../../shared/text/printable.js";
import { inCells } from "../text/cells.js";
import { cut } from "../text/measure.js";

const MOST_CELLS = 20;

/** As wide as those of the other branches; empty for a step that is no branch. */
export function branchPrefix({ steps }: Pick<WorkflowState, "steps">, index: number): string {
  const { step, branch } = placeOfIndex(index);
  if (branch === null) return "";
  const names = branchesOf(steps[step]).map(({ action }, at) => {
    const name = cut(printable(action), MOST_CELLS, inCells);
    return `[${placeNumber(indexOfPlace({ step, branch: at }))} ${name}]`;
  });
  const own = names[branch] ?? `[${placeNumber(index)}]`;
  const widest = Math.max(...names.map((name) => inCells.cells(name)), 0);
  return `${own}${" ".repeat(Math.max(0, widest - inCells.cells(own)))} `;
}

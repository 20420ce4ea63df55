/** The steps of a workflow that is shown, with their branches behind them, each under its index. Pure. */

import type { Step } from "../../../shared/schema/workflow.js";
import { eachStep, stepAtIndex } from "../../../shared/state/stepPlace.js";
import type { ShownStep, ShownWorkflow } from "./display.js";

export const shownSteps = (
  workflow: ShownWorkflow,
): readonly (readonly [index: number, step: ShownStep])[] => eachStep(asState(workflow));

/** Undefined where there was none. */
export const shownStep = (
  workflow: ShownWorkflow | undefined,
  index: number,
): ShownStep | undefined => workflow && stepAtIndex(asState(workflow), index);

/** A shown step may have fewer fields than a kept one; those that places are found by are the same. */
const asState = ({ steps }: ShownWorkflow) => ({ steps: steps as readonly Step[] });

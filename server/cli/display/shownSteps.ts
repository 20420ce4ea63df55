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

/** What only this process knows of a step yet has fewer fields. */
const asState = ({ steps }: ShownWorkflow) => ({ steps: steps as readonly Step[] });

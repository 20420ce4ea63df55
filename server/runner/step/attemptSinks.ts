/** Where an attempt tells what it does. */
import type { PlacedOutput } from "../report/placedOutput.js";
import type { HandingOn } from "./outputs/handingOn.js";
import type { StepUpdates } from "./stepUpdates.js";

export interface AttemptSinks {
  readonly output: PlacedOutput;
  readonly updates: StepUpdates;
  readonly handingOn: HandingOn;
}

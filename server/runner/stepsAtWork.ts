/** The steps of a server's own workflows that are at work now, and which of them outlive the server. */
import { branchesOf, eachStep } from "../../shared/state/stepPlace.js";
import { isLive } from "../state/store/record.js";
import type { Store } from "../state/store/store.js";
import type { Crews } from "./crews.js";
import { definedAt } from "./definition/definedSteps.js";

export interface StepAtWork {
  readonly workflow_id: string;
  readonly index: number;
  readonly action: string;
  /** Its command goes on where the server stops and keeps commands. */
  readonly survives: boolean;
}

export function stepsAtWork(
  { open }: Pick<Store, "open">,
  crews: Pick<Crews, "lease" | "recipeOf" | "mayBeLeft">,
): StepAtWork[] {
  return [...open.values()].flatMap((record) => {
    if (!isLive(record) || record.lease?.boot_id !== crews.lease.boot_id) return [];
    const recipe = crews.recipeOf(record);
    if (!recipe) return [];
    const { workflow_id, state } = record;
    // Its parts are left together or not at all: what it goes on with has to be known of each.
    const mayBeLeft = crews.mayBeLeft(workflow_id);
    return eachStep(state).flatMap(([index, step]) => {
      const { action, status, retry_at } = step;
      const isAtWork = status === "in_progress" && retry_at == null;
      if (!isAtWork || branchesOf(step).length > 0) return [];
      const { survives = false } = definedAt(recipe.definition, index);
      return [{ workflow_id, index, action, survives: survives && mayBeLeft }];
    });
  });
}

/** The secret ones among the outputs of a run's steps: later commands get them in clear, the state never. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { SameJson } from "../../../shared/json/sameJson.js";
import { pauseFor } from "../../../shared/pause.js";
import type { StepOutputs } from "../../../shared/state/stepOutputs.js";
import type { RunStore } from "./runData.js";

export interface SecretOutputs {
  /** The secret outputs of one step, by its action. */
  of(action: string): StepOutputs;
  /** These and no others; resolves once they are as durable as the run is. Rejects where that is over. */
  keep(action: string, outputs: StepOutputs): Promise<void>;
}

/** For a run that ends with this process. */
export function secretOutputsInMemory(): SecretOutputs {
  const kept = new Map<string, StepOutputs>();
  return {
    of: (action) => kept.get(action) ?? {},
    keep: async (action, outputs) => {
      kept.set(action, outputs);
    },
  };
}

const RETRY_MS = 1_000;

export interface KeptParts {
  readonly runFiles: RunStore;
  readonly run: string;
  readonly clock: Clock;
  /** Aborted when the run is not ours any more. */
  readonly over: AbortSignal;
}

/** Beside the run's other secrets. A disk that refuses is asked again until it takes them, or the run is over. */
export function secretOutputsInFile({ runFiles, run, clock, over }: KeptParts): SecretOutputs {
  const of = (action: string): StepOutputs =>
    runFiles.get(run)?.secret_outputs?.find((one) => one.action === action)?.values ?? {};
  return {
    of,
    async keep(action, values) {
      while (!new SameJson().of(of(action), values)) {
        try {
          await runFiles.update(run, (data) => {
            const others = (data.secret_outputs ?? []).filter((one) => one.action !== action);
            return { ...data, secret_outputs: [...others, { action, values }] };
          });
          return;
        } catch (error) {
          if (over.aborted || !(error instanceof SyncError && error.canRetry)) throw error;
          await pauseFor(clock, RETRY_MS, over);
        }
      }
    },
  };
}

/** Says of workflows that wait what they wait for, of each one thing at a time. */
import type { Log } from "../../log/log.js";
import type { WaitsFor } from "../../state/rules/submission.js";
import type { LiveRecord, WorkflowRecord } from "../../state/store/record.js";
import type { Workflows } from "../../state/workflows.js";

export interface TellingParts {
  readonly workflows: Pick<Workflows, "say">;
  readonly log: Pick<Log, "error">;
  /** Called once something was said: what is right then is looked at again. */
  readonly said: () => void;
}

export class Telling {
  readonly #parts: TellingParts;
  /** Told something just now. */
  readonly #telling = new Set<string>();

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** Tells a workflow of the queue for what it waits now; nothing where it is told so already. */
  waitsFor({ workflow_id, state }: LiveRecord, now: WaitsFor): void {
    if (isSame(state.queued, now)) return;
    const isNews = (record: WorkflowRecord) => !isSame(record.state?.queued, now);
    this.say(workflow_id, { kind: "behind", ...now }, isNews);
  }

  /** As `Workflows.say`; nothing while that workflow is being told something else. */
  say(...words: Parameters<Workflows["say"]>): void {
    const [workflow_id] = words;
    if (this.#telling.has(workflow_id)) return;
    this.#telling.add(workflow_id);
    this.#parts.workflows.say(...words).then(
      () => {
        this.#telling.delete(workflow_id);
        this.#parts.said();
      },
      (error: unknown) => {
        // A disk that refuses is not asked in a circle: the next change looks again.
        this.#telling.delete(workflow_id);
        this.#parts.log.error({ err: error, workflow_id }, "what it waits for could not be told");
      },
    );
  }
}

const isSame = (told: WaitsFor = {}, now: WaitsFor): boolean =>
  told.group === now.group &&
  told.behind === now.behind &&
  told.labels?.join() === now.labels?.join();

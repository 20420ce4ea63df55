/** What one workflow's steps printed: its folder, and in it the output of each attempt. */
import { diskRefusal } from "../state/diskRefusal.js";
import type { LogFolder } from "./logFolder.js";
import { Output } from "./output.js";
import { inOrder, keptOf, type SegmentPlan } from "./segments.js";

export class WorkflowLogs {
  readonly #folder: LogFolder;
  readonly #plan: SegmentPlan;
  /** By step, then by attempt. */
  readonly #steps = new Map<number, Map<number, Output>>();
  /** In elapsed time; null where nothing was appended since the start. */
  lastAppend: number | null = null;

  constructor(folder: LogFolder, plan: SegmentPlan) {
    this.#folder = folder;
    this.#plan = plan;
  }

  /** What the last process left. */
  async load(): Promise<void> {
    for (const { step, attempt, segments } of await this.#folder.read()) {
      const files = this.#folder.filesOf(step, attempt);
      const { kept, leftOut } = keptOf(inOrder(segments), this.#plan);
      for (const { from } of leftOut) await files.remove(from);
      this.#of(step).set(attempt, new Output(files, this.#plan, kept));
    }
  }

  find(step: number, attempt: number): Output | undefined {
    return this.#steps.get(step)?.get(attempt);
  }

  /** Begun where there is none yet. */
  output(step: number, attempt: number): Output {
    let output = this.find(step, attempt);
    if (!output) {
      output = new Output(this.#folder.filesOf(step, attempt), this.#plan);
      this.#of(step).set(attempt, output);
    }
    return output;
  }

  /** The attempts of a step that printed something, in order. */
  attempts(step: number): number[] {
    return [...(this.#steps.get(step) ?? [])]
      .filter(([, { next }]) => next > 0)
      .map(([attempt]) => attempt)
      .sort((a, b) => a - b);
  }

  get isFlushed(): boolean {
    return [...this.#outputs()].every(({ isSynced }) => isSynced);
  }

  /** Throws SyncError where the disk refuses. */
  async flush(): Promise<void> {
    try {
      for (const output of this.#outputs()) await output.sync();
      await this.#folder.syncNames();
    } catch (error) {
      throw diskRefusal(error, "the output") ?? error;
    }
  }

  async remove(): Promise<void> {
    for (const output of this.#outputs()) await output.remove();
    await this.#folder.remove();
  }

  *#outputs(): Iterable<Output> {
    for (const outputs of this.#steps.values()) yield* outputs.values();
  }

  #of(step: number): Map<number, Output> {
    let outputs = this.#steps.get(step);
    if (!outputs) {
      outputs = new Map();
      this.#steps.set(step, outputs);
    }
    return outputs;
  }
}

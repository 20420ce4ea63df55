/** The output of one workflow's steps: its folder, and in it the output of each attempt. */
import { invalid } from "../../shared/errors.js";
import { diskRefusal } from "../machine/diskRefusal.js";
import { type AppendConditions, type Appended, Output } from "./output.js";
import { endKey, type OutputEnds, trimEnds } from "./outputEnds.js";
import type { OutputFolder } from "./outputFolder.js";
import { type Given, goalBelow, type Holder, shrink } from "./room.js";
import { inOrder, keptOf, type SegmentPlan } from "./segments.js";
import type { TimesMemory } from "./timesMemory.js";

export interface WorkflowOutputParts {
  readonly folder: OutputFolder;
  readonly plan: SegmentPlan;
  /** The bytes of all its outputs together. */
  readonly mostBytes: number;
  /** How many attempts of a step keep their output. */
  readonly mostAttempts: number;
  /** Told by how much more, or less, is on the disk now. */
  readonly grew: (bytes: number) => void;
  /** Room that could not be made. */
  readonly failed: (error: unknown) => void;
  readonly timesMemory: TimesMemory;
  /** Hears why it is not known when some bytes came. */
  readonly timesFailed: (error: unknown) => void;
}

interface Attempt {
  readonly step: number;
  readonly attempt: number;
  readonly output: Output;
}

export class WorkflowOutput implements Holder {
  readonly #parts: WorkflowOutputParts;
  /** By step, then by attempt. */
  readonly #steps = new Map<number, Map<number, Attempt>>();
  /** The output that was printed to last stands at the end. */
  readonly #byUse = new Set<Attempt>();
  #latest: Attempt | null = null;
  #ends: OutputEnds = new Map();
  #bytes = 0;
  /** Outputs are left out one after the other. */
  #leavingOut: Promise<void> = Promise.resolve();
  #shrinking: Promise<void> | null = null;
  #isRemoved = false;
  /** In elapsed time; null where nothing was appended since the start. */
  lastAppend: number | null = null;

  constructor(parts: WorkflowOutputParts) {
    this.#parts = parts;
  }

  /** Reads the output that an earlier process left. */
  async load(): Promise<void> {
    const { folder, plan } = this.#parts;
    const { outputs, ends } = await folder.read();
    this.#ends = ends;
    for (const [key, next] of ends) {
      const [step, attempt] = key.split(".").map(Number);
      this.#begin(step!, attempt!, { segments: [], next });
    }
    for (const { step, attempt, segments } of outputs.toSorted((a, b) => a.changed - b.changed)) {
      const { kept, leftOut } = keptOf(inOrder(segments), plan);
      for (const { from } of leftOut) await folder.filesOf(step, attempt).remove(from);
      this.#forget(step, attempt);
      const next = ends.get(endKey(step, attempt)) ?? 0;
      this.#used(this.#begin(step, attempt, { segments: kept, next }));
    }
    await this.#keepWithin(null);
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(step: number, attempt: number): Output | undefined {
    return this.#steps.get(step)?.get(attempt)?.output;
  }

  /** As `Output.append`; refuses bytes of an attempt so old that nothing of it would be kept. */
  async append(
    step: number,
    attempt: number,
    bytes: Uint8Array,
    conditions: AppendConditions,
    announce: () => void,
  ): Promise<Appended> {
    const known = this.#steps.get(step)?.get(attempt);
    if (!known) this.#refuseOld(step, attempt);
    const appending = known ?? this.#begin(step, attempt, { segments: [], next: 0 });
    const appended = await appending.output.append(bytes, conditions, announce);
    this.#used(appending);
    await this.#keepWithin(step);
    return appended;
  }

  /** The attempts of a step that printed something, in order. */
  attempts(step: number): number[] {
    return [...(this.#steps.get(step)?.values() ?? [])]
      .filter(({ output }) => output.next > 0)
      .map(({ attempt }) => attempt)
      .sort((a, b) => a - b);
  }

  get isFlushed(): boolean {
    return [...this.#byUse].every(({ output }) => output.isSynced);
  }

  /** Throws SyncError where the disk refuses. */
  async flush(): Promise<void> {
    try {
      for (const { output } of this.#byUse) await output.sync();
      await this.#parts.folder.syncNames();
    } catch (error) {
      throw diskRefusal(error, "the output") ?? error;
    }
  }

  async give(kind: Given, wanted: number): Promise<void> {
    const chosen: Attempt[] = [];
    let bytes = 0;
    for (const one of this.#byUse) {
      if (bytes >= wanted) break;
      const given = kind === "middles" ? one.output.middleBytes : one.output.bytes;
      if (given === 0 || (kind === "earlier" && one === this.#latest)) continue;
      chosen.push(one);
      bytes += given;
    }
    if (kind !== "middles") return this.#leaveOutWhole(chosen);
    for (const { output } of chosen) await output.leaveOut("middle");
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.#leavingOut;
    for (const { output } of this.#byUse) await output.remove();
    await this.#parts.folder.remove();
  }

  #begin(
    step: number,
    attempt: number,
    found: { segments: ConstructorParameters<typeof Output>[2]; next: number },
  ): Attempt {
    const { folder, plan, grew, timesMemory: memory, timesFailed } = this.#parts;
    const output = new Output(folder.filesOf(step, attempt), plan, found.segments, {
      next: found.next,
      memory,
      timesFailed,
      grew: (bytes) => {
        this.#bytes += bytes;
        grew(bytes);
      },
    });
    const begun = { step, attempt, output };
    const attempts = this.#steps.get(step) ?? new Map<number, Attempt>();
    this.#steps.set(step, attempts.set(attempt, begun));
    this.#byUse.add(begun);
    return begun;
  }

  #used(one: Attempt): void {
    if (this.#latest === one) return;
    this.#latest = one;
    this.#byUse.delete(one);
    this.#byUse.add(one);
  }

  #forget(step: number, attempt: number): void {
    const attempts = this.#steps.get(step);
    const one = attempts?.get(attempt);
    if (!one) return;
    attempts?.delete(attempt);
    this.#byUse.delete(one);
  }

  #refuseOld(step: number, attempt: number): void {
    const { mostAttempts } = this.#parts;
    const kept = this.#keptAttempts(step);
    if (kept.length < mostAttempts || attempt > kept[0]!.attempt) return;
    const why = `is too old: of a step the newest ${mostAttempts} attempts keep their output`;
    throw invalid("attempt", why);
  }

  #keptAttempts(step: number): Attempt[] {
    return [...(this.#steps.get(step)?.values() ?? [])]
      .filter(({ output }) => output.bytes > 0)
      .sort((a, b) => a.attempt - b.attempt);
  }

  /** Never rejects: the appended bytes are kept, also where no room could be made. */
  async #keepWithin(step: number | null): Promise<void> {
    const { mostBytes, mostAttempts, failed } = this.#parts;
    try {
      if (step !== null && (this.#steps.get(step)?.size ?? 0) > mostAttempts)
        await this.#leaveOutWhole(this.#keptAttempts(step).slice(0, -mostAttempts));
      if (this.#bytes <= mostBytes) return;
      this.#shrinking ??= shrink(this, goalBelow(mostBytes)).finally(() => {
        this.#shrinking = null;
      });
      await this.#shrinking;
    } catch (error) {
      failed(error);
    }
  }

  /** Where each ended is durable before anything of it goes. */
  #leaveOutWhole(chosen: readonly Attempt[]): Promise<void> {
    const leavingOut = this.#leavingOut.then(async () => {
      if (chosen.length === 0 || this.#isRemoved) return;
      await this.#saveEnds(chosen);
      for (const { output } of chosen) await output.leaveOut("all");
      // Bytes that came meanwhile were left out with the rest.
      const hasGrown = ({ step, attempt, output }: Attempt) =>
        output.next !== this.#ends.get(endKey(step, attempt));
      const grown = chosen.filter(hasGrown);
      if (grown.length > 0 && !this.#isRemoved) await this.#saveEnds(grown);
    });
    this.#leavingOut = leavingOut.catch(() => {});
    return leavingOut;
  }

  async #saveEnds(chosen: readonly Attempt[]): Promise<void> {
    const ends = new Map(this.#ends);
    for (const { step, attempt, output } of chosen) {
      ends.delete(endKey(step, attempt));
      ends.set(endKey(step, attempt), output.next);
    }
    const unknown = trimEnds(ends);
    await this.#parts.folder.saveEnds(ends);
    this.#ends = ends;
    for (const key of unknown) {
      const [step, attempt] = key.split(".").map(Number);
      if (this.find(step!, attempt!)?.bytes === 0) this.#forget(step!, attempt!);
    }
  }
}

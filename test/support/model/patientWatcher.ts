/** Follows workflows over every restart of the server, from where it was, and keeps all that it was ever told. */
import { isDeepStrictEqual } from "node:util";
import { RawTab } from "../links/rawTab.js";
import { liveUrl, type Whereabouts } from "./insistentWriters.js";
import { PatchedMirror } from "./patchedMirror.js";

export class PatientWatcher {
  /** By workflow and revision. */
  readonly told = new Map<string, Map<number, unknown>>();
  /** How often it came back, and how it was answered then. */
  readonly answers = { resumed: 0, snapshot: 0 };
  readonly #where: Whereabouts;
  readonly #mirrors: ReadonlyMap<string, PatchedMirror>;
  #tab: RawTab | null = null;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(where: Whereabouts, ids: readonly string[]) {
    this.#where = where;
    this.#mirrors = new Map(ids.map((id) => [id, new PatchedMirror(id)]));
    for (const id of ids) this.told.set(id, new Map());
  }

  start(): void {
    this.#running = this.#watch();
    // Told by `stop`; until then it must not end the process.
    this.#running.catch(() => {});
  }

  /** Rejects where it was told something that does not fit. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#tab?.drop();
    await this.#running;
  }

  position(id: string) {
    return this.#mirrors.get(id)?.position ?? null;
  }

  /** Keeps what is said of a revision; throws where something else was said of it before. */
  hear(id: string, revision: number, state: unknown): void {
    const told = this.told.get(id)!;
    const before = told.get(revision);
    if (before !== undefined && !isDeepStrictEqual(before, state)) {
      throw new Error(
        `${id} at ${revision} was ${JSON.stringify(before)}, is ${JSON.stringify(state)}`,
      );
    }
    told.set(revision, state);
  }

  async #watch(): Promise<void> {
    while (!this.#stopping) {
      const url = await this.#where.url;
      const tab = await RawTab.open(liveUrl(url)).then(
        (opened) => opened.tab,
        () => null,
      );
      if (!tab) continue;
      this.#tab = tab;
      for (const { id, position } of this.#mirrors.values()) tab.subscribe(id, position);
      for await (const frame of tab.untilClosed()) {
        if (frame.type === "resumed" || frame.type === "snapshot") this.answers[frame.type] += 1;
        if (!("workflow_id" in frame) || frame.workflow_id === null) continue;
        const mirror = this.#mirrors.get(frame.workflow_id ?? "");
        if (!mirror) continue;
        mirror.take(frame);
        if (mirror.position) this.hear(mirror.id, mirror.position.revision, mirror.state);
      }
    }
  }
}

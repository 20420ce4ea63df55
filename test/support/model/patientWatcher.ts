/** Follows workflows over every restart of the server, from where it was, and keeps all that it was ever told. */
import { isDeepStrictEqual } from "node:util";
import { RawTab } from "../links/rawTab.js";
import { Gaps } from "./gaps.js";
import { liveUrl, type Where } from "./insistentWriters.js";
import { PatchedMirror } from "./patchedMirror.js";

const OPEN_MS = 5_000;

export class PatientWatcher {
  /** By workflow and revision. */
  readonly told = new Map<string, Map<number, unknown>>();
  /** How often it came back, and how it was answered then. */
  readonly answers = { resumed: 0, snapshot: 0 };
  /** Between two changes, or snapshots, that it was told of. */
  readonly gaps = new Gaps();
  /** How often it opened a socket. */
  opened = 0;
  /** Each word on how fresh its server is: since when it is stale, null once it follows again. */
  readonly staleness: (string | null)[] = [];
  readonly #where: Where;
  readonly #mirrors: ReadonlyMap<string, PatchedMirror>;
  #tab: RawTab | null = null;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(where: Where, ids: readonly string[]) {
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
      const tab = await RawTab.open(liveUrl(url), { handshakeTimeout: OPEN_MS }).then(
        (opened) => opened.tab,
        () => null,
      );
      if (!tab) {
        this.#where.failedAt?.(url);
        continue;
      }
      this.#tab = tab;
      this.opened += 1;
      for (const { id, position } of this.#mirrors.values()) tab.subscribe(id, position);
      for await (const frame of tab.untilClosed()) {
        if (frame.type === "stale") this.staleness.push(frame.since);
        if (frame.type === "resumed" || frame.type === "snapshot") this.answers[frame.type] += 1;
        if (!("workflow_id" in frame) || frame.workflow_id === null) continue;
        const mirror = this.#mirrors.get(frame.workflow_id ?? "");
        if (!mirror) continue;
        mirror.take(frame);
        if (frame.type !== "resumed") this.gaps.see();
        if (mirror.position) this.hear(mirror.id, mirror.position.revision, mirror.state);
      }
      this.#where.failedAt?.(url);
    }
  }
}

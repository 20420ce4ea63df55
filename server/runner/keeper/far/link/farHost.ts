/** One machine, one login: everybody who wants something of it shares a link, which is made again for as long as somebody does. */
import type { Clock } from "../../../../../shared/clock.js";
import { Listeners } from "../../../../../shared/listeners.js";
import type { Environment } from "../../../variables/environment.js";
import type { LinkNews } from "../../keeper.js";
import type { FarConnection } from "../../keptJob.js";
import type { Errand, ErrandEnd, ErrandOptions, FarWatcher } from "./errand.js";
import { FarLink, type FarUptime } from "./farLink.js";
import type { LinkFailure } from "./sshCommand.js";

export interface FarHostOptions {
  readonly connection: FarConnection;
  /** Names who uses this link: an earlier one of the same is ended over there. */
  readonly owner: string;
  /** Functions for the far shell; `look WORDS…` waits a moment for news of those that are named. */
  readonly prelude: string;
  readonly env: Environment;
  readonly clock: Clock;
  /** From 0 to 1. */
  chance(): number;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A link that broke sooner does not begin the waits anew: a machine that takes us and drops us is not stormed. */
const GOOD_LINK_MS = 5_000;
/** The next step on the same machine costs no login for so long. */
const LINGER_MS = 20_000;

interface Waiting {
  readonly errand: Errand;
  readonly options: ErrandOptions;
  readonly end: (how: ErrandEnd) => void;
}

export class FarHost {
  readonly #options: FarHostOptions;
  readonly #watchers = new Map<string, FarWatcher>();
  readonly #errands: Waiting[] = [];
  readonly #listeners = new Listeners<LinkNews>();
  #news: LinkNews = { lost: null };
  #uptime: FarUptime | null = null;
  #lastHeard: number | null = null;
  #running: Promise<void> | null = null;
  #wake = () => {};
  #isWoken = false;
  #isClosed = false;
  #link: FarLink | null = null;

  constructor(options: FarHostOptions) {
    this.#options = options;
  }

  /** As the far shell told it last; null where it never did. */
  get uptime(): FarUptime | null {
    return this.#uptime;
  }

  get isLost(): boolean {
    return this.#news.lost !== null;
  }

  /** In a sentence without its end; null while it is reached, or nobody tries. */
  get whyLost(): string | null {
    return this.#news.lost?.why ?? null;
  }

  /** When it answered last, in elapsed time. */
  get lastHeard(): number | null {
    return this.#lastHeard;
  }

  /** Told at once, and whenever it changes. */
  onLink(listener: (news: LinkNews) => void): () => void {
    const stop = this.#listeners.listen(listener);
    listener(this.#news);
    return stop;
  }

  /** Never rejects. Where the link breaks it is sent again over the next one. */
  run(errand: Errand, options: ErrandOptions = {}): Promise<ErrandEnd> {
    if (this.#isClosed || options.signal?.aborted) return Promise.resolve("withdrawn");
    return new Promise((resolve) => {
      const waiting: Waiting = {
        errand,
        options,
        end: (how) => {
          const at = this.#errands.indexOf(waiting);
          if (at >= 0) this.#errands.splice(at, 1);
          options.signal?.removeEventListener("abort", withdraw);
          resolve(how);
        },
      };
      const withdraw = () => waiting.end("withdrawn");
      options.signal?.addEventListener("abort", withdraw, { once: true });
      this.#errands.push(waiting);
      this.wake();
    });
  }

  /** Until the returned function is called. */
  watch(watcher: FarWatcher): () => void {
    this.#watchers.set(watcher.id, watcher);
    this.wake();
    return () => {
      if (this.#watchers.get(watcher.id) === watcher) this.#watchers.delete(watcher.id);
      this.wake();
    };
  }

  /** Somebody may want something now. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
    if (this.#isClosed || this.#running !== null || !this.#isWanted()) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#isWanted()) this.wake();
    });
  }

  /** The machine goes on, and nobody here hears of it any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { end } of [...this.#errands]) end("withdrawn");
    this.#watchers.clear();
    this.#wake();
    await this.#link?.close();
    await this.#running;
  }

  #isWanted(): boolean {
    return !this.#isClosed && (this.#errands.length > 0 || this.#watchers.size > 0);
  }

  async #run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (this.#isWanted()) {
      const { lived, failure } = await this.#once();
      if (failure === null || this.#isClosed) break;
      this.#ended(failure);
      if (!this.#isWanted()) break;
      if (lived >= GOOD_LINK_MS) waitMs = FIRST_WAIT_MS;
      await this.#pause(waitMs * (0.5 + this.#options.chance() / 2), failure);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      if (this.#isWanted()) this.#lose(failure, null);
    }
    this.#tell(null);
  }

  /** One link, from its beginning to its end. The failure is null where nobody wants it any more. */
  async #once(): Promise<{ readonly lived: number; readonly failure: LinkFailure | null }> {
    const { clock } = this.#options;
    const link = new FarLink(this.#options);
    this.#link = link;
    const refused = await link.ready;
    const since = clock.elapsed();
    let failure = refused;
    if (failure === null) {
      this.#heard(link);
      this.#tell(null);
      failure = await this.#serve(link);
    }
    if (failure === null) await link.close();
    else await link.gone;
    this.#link = null;
    return { lived: refused === null ? clock.elapsed() - since : 0, failure };
  }

  /** Resolves with null where nobody wanted anything for a while. */
  async #serve(link: FarLink): Promise<LinkFailure | null> {
    while (!this.#isClosed) {
      this.#isWoken = false;
      const first = this.#errands[0];
      const failure = first ? await this.#send(first, link) : await this.#look(link);
      if (failure === "idle") {
        const how = await Promise.race([this.#idle(), link.gone]);
        this.#wake();
        if (how === "over") return null;
        if (how === "woken") continue;
        return how;
      }
      if (failure !== null) return failure;
      this.#heard(link);
    }
    return null;
  }

  async #send({ errand, end }: Waiting, link: FarLink): Promise<LinkFailure | null> {
    const code = errand.code();
    if (code === null) {
      end("withdrawn");
      return null;
    }
    const failure = await link.ask(code, (frame) => errand.hear?.(frame));
    if (failure === null) end("done");
    return failure;
  }

  async #look(link: FarLink): Promise<LinkFailure | null | "idle"> {
    const asking = [...this.#watchers.values()].flatMap((watcher) => {
      const wanted = watcher.wanted();
      return wanted === null ? [] : [{ watcher, wanted }];
    });
    if (asking.length === 0) return "idle";
    const words = asking.map(({ wanted }) => wanted).join(" ");
    const failure = await link.ask(`look ${words}`, (frame) =>
      this.#watchers.get(frame.words[0] ?? "")?.hear(frame),
    );
    if (failure === null) for (const { watcher } of asking) watcher.heardAll?.();
    return failure;
  }

  /** Nobody wants anything now. Where nobody is there at all, that is over after a while. */
  #idle(): Promise<"woken" | "over"> {
    if (this.#isWoken) return Promise.resolve("woken");
    return new Promise((resolve) => {
      const over = () => resolve("over");
      const cancel = this.#isWanted() ? () => {} : this.#options.clock.after(LINGER_MS, over);
      this.#wake = () => {
        cancel();
        resolve("woken");
      };
    });
  }

  #heard(link: FarLink): void {
    this.#uptime = link.uptime;
    this.#lastHeard = this.#options.clock.elapsed();
  }

  /** Those end that do not outlast such a failure. */
  #ended(failure: LinkFailure): void {
    for (const { options, end } of [...this.#errands]) {
      const isOver =
        options.endsWhenBroken || (options.endsWhenRefused && failure.kind === "refused");
      if (isOver) end(failure);
    }
  }

  /** Ends early where there is a new errand: whoever comes now wants to know now. */
  async #pause(ms: number, failure: LinkFailure): Promise<void> {
    const { clock } = this.#options;
    this.#lose(failure, clock.now() + ms);
    const known = this.#errands.length;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.#wake = () => {
        if (this.#isWanted() && this.#errands.length <= known) return;
        cancel();
        resolve();
      };
    });
    this.#wake = () => {};
  }

  #lose({ why }: LinkFailure, nextTryAt: number | null): void {
    const since = this.#news.lost?.since ?? this.#options.clock.now();
    this.#tell({ since, why, nextTryAt });
  }

  #tell(lost: LinkNews["lost"]): void {
    if (lost === null && this.#news.lost === null) return;
    this.#news = { lost };
    this.#listeners.tell(this.#news);
  }
}

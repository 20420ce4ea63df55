/** The duty of a cluster to tell webhooks: one key of etcd names the server that has it, for as long as the others see that server. */
import * as z from "zod";
import type { Clock } from "../../../shared/clock.js";
import type { Nodes } from "../../cluster/cluster.js";
import type { FamilyEvent, KeyMirror } from "../../cluster/keyMirror.js";
import { NODE } from "../../cluster/presence.js";
import { readJsonValue } from "../../etcd/jsonValue.js";
import type { Log } from "../../log/log.js";
import type { Duty } from "../duty.js";

export interface TellerParts {
  readonly mirror: Pick<KeyMirror, "follow" | "modOf" | "transact">;
  readonly nodes: Pick<Nodes, "me" | "present" | "isSure" | "listen">;
  /** Of this process: a later one under the same name is another server. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "debug" | "info">;
}

const Holder = z.object({ node: z.string(), boot_id: z.string() });
type Holder = z.infer<typeof Holder>;

const TELLER = "teller/";
/** The family has this one key. */
const KEY = `${TELLER}1`;
/** Of its own lease a server is sure for two seconds less than the others wait: before they can take the duty it has ended what is under way. */
const LOOK_MS = 500;
const AGAIN_MS = 10_000;
const CLAIM_AGAIN_MS = 2_000;

export class Teller implements Duty {
  readonly #parts: TellerParts;
  /** Null where nobody has it, or nobody can read who. */
  #holder: Holder | null = null;
  #term: AbortController | null = null;
  /** When `ours` ran last, in elapsed time. */
  #ranAt = 0;
  /** In elapsed time: not before then after a refusal. */
  #claimsAt = 0;
  #ours = () => {};
  #claiming: Promise<void> | null = null;
  #stops: readonly (() => void)[] = [];
  #cancel = () => {};
  #isClosed = false;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  get term(): AbortSignal | null {
    return this.#parts.nodes.isSure ? (this.#term?.signal ?? null) : null;
  }

  begin(ours: () => void): void {
    const { mirror, nodes } = this.#parts;
    this.#ours = ours;
    this.#stops = [
      mirror.follow(TELLER, (event) => this.#hear(event)),
      // Of one that left there may be something that nobody has taken.
      nodes.listen(({ kind }) => this.#look(kind === "left")),
    ];
    this.#arm();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    for (const stop of this.#stops) stop();
    await this.#claiming;
    this.#end();
  }

  get #isOurs(): boolean {
    const { nodes, bootId } = this.#parts;
    return this.#holder?.node === nodes.me && this.#holder.boot_id === bootId;
  }

  #hear(event: FamilyEvent): void {
    this.#holder = event.kind === "put" ? readJsonValue(Holder, event.value) : null;
    this.#look();
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => this.#arm());
    this.#look();
  }

  #look(isNews = false): void {
    if (this.#isClosed) return;
    const { nodes, clock } = this.#parts;
    if (!this.#isOurs || !nodes.isSure) this.#end();
    if (!nodes.isSure) return;
    if (!this.#isOurs) {
      if (!this.#isThere && clock.elapsed() >= this.#claimsAt) this.#claiming ??= this.#claim();
      return;
    }
    const isDue = this.#term === null || clock.elapsed() - this.#ranAt >= AGAIN_MS;
    this.#term ??= new AbortController();
    if (!isDue && !isNews) return;
    this.#ranAt = clock.elapsed();
    this.#ours();
  }

  /** Whether the others see the server that has it. */
  get #isThere(): boolean {
    const { nodes } = this.#parts;
    const { node, boot_id } = this.#holder ?? {};
    return node !== undefined && nodes.present.get(node)?.boot_id === boot_id;
  }

  /** Everybody tries; the store lets one get through. */
  async #claim(): Promise<void> {
    const { mirror, nodes, bootId, clock, log } = this.#parts;
    const value = Buffer.from(JSON.stringify({ node: nodes.me, boot_id: bootId } satisfies Holder));
    const before = this.#holder?.node;
    const isAway = before !== undefined && !nodes.present.has(before);
    const away = { key: NODE + before, target: "create", is: "equal", than: 0 } as const;
    try {
      await mirror.transact({
        compare: [
          { key: KEY, target: "mod", is: "equal", than: mirror.modOf(KEY) },
          ...(isAway ? [away] : []),
        ],
        writes: [{ put: KEY, value }],
        witness: { key: KEY, isOurs: (found) => found?.equals(value) === true },
      });
    } catch (error) {
      this.#claimsAt = clock.elapsed() + CLAIM_AGAIN_MS;
      log.debug({ err: error }, "the duty to tell webhooks could not be taken");
    } finally {
      this.#claiming = null;
    }
    if (before !== undefined && this.#isOurs)
      log.info({ node: before }, "this server tells webhooks in place of another one");
  }

  #end(): void {
    this.#term?.abort();
    this.#term = null;
  }
}

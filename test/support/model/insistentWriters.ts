/** Writers that send each command until it is answered, whatever becomes of the server meanwhile, and keep a log of the answers. */
import type { Chance } from "../chance.js";
import { RawTab } from "../links/rawTab.js";
import { call } from "../links/rest.js";

/** Where a client finds its server. */
export interface Where {
  readonly url: Promise<string>;
  /** No answer came from there. */
  failedAt?(url: string): void;
}

/** Where the server is now; a promise while it is not there. */
export class Whereabouts implements Where {
  #url!: Promise<string>;
  #resolve!: (url: string) => void;

  constructor() {
    this.isGone();
  }

  isAt(url: string): void {
    this.#resolve(url);
  }

  isGone(): void {
    this.#url = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get url(): Promise<string> {
    return this.#url;
  }
}

/** An accepted command: it set the field `writer` of the workflow to `count`. */
export interface Ack {
  readonly workflow_id: string;
  readonly epoch: string;
  readonly revision: number;
  readonly writer: string;
  readonly count: number;
  /** When the answer came, by `performance.now`. */
  readonly at: number;
}

interface Task {
  readonly workflow_id: string;
  readonly key: string;
  readonly part: object;
}
/** As long as a person's script waits for a server that is frozen. */
const ANSWER_MS = 5_000;

type Sender = (url: string, task: Task) => Promise<Pick<Ack, "epoch" | "revision">>;

export class InsistentWriters {
  readonly acks: Ack[] = [];
  readonly #whereFor: (writer: string) => Where;
  readonly #chance: Chance;
  readonly #ids: readonly string[];
  readonly #running: Promise<void>[] = [];
  #stopping = false;

  /** Where each writer finds its server: a place that all of them share, or one of its own. */
  constructor(where: Where | ((writer: string) => Where), chance: Chance, ids: readonly string[]) {
    this.#whereFor = typeof where === "function" ? where : () => where;
    this.#chance = chance;
    this.#ids = ids;
  }

  startByRest(writer: string): void {
    this.#start(writer, async (url, { workflow_id, key, part }) => {
      const path = `${url}/workflow/state?workflow_id=${workflow_id}`;
      const headers = { "Idempotency-Key": key };
      const signal = AbortSignal.timeout(ANSWER_MS);
      const { status, body, text } = await call(path, "PATCH", { body: part, headers, signal });
      if (status !== 200) throw body.retry ? new Error(text) : new Refused(text);
      return body;
    });
  }

  startBySocket(writer: string): void {
    let open: { url: string; tab: RawTab } | null = null;
    this.#start(writer, async (url, { workflow_id, key, part }) => {
      if (open?.url !== url) {
        open?.tab.drop();
        open = { url, tab: (await RawTab.open(liveUrl(url), { handshakeTimeout: ANSWER_MS })).tab };
      }
      const command = { kind: "save", merge: true, workflow_id, state: part };
      const { tab } = open;
      const late = setTimeout(() => tab.drop(), ANSWER_MS);
      const answer = await tab.ask(command, { request_id: key }).catch((error: unknown) => {
        open = null;
        throw error;
      });
      clearTimeout(late);
      if (answer.type === "refused")
        throw answer.retry ? new Error(answer.message) : new Refused(JSON.stringify(answer));
      return { epoch: answer.epoch ?? "", revision: answer.revision ?? 0 };
    });
  }

  /** Resolves once every command that was sent is answered. Rejects where one was refused. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  #start(writer: string, send: Sender): void {
    const where = this.#whereFor(writer);
    const write = async () => {
      for (let count = 1; !this.#stopping; count++) {
        const workflow_id = this.#chance.pick(this.#ids);
        const task = { workflow_id, key: `${writer}-${count}`, part: { [writer]: count } };
        const { epoch, revision } = await insist(where, (url) => send(url, task));
        const at = performance.now();
        this.acks.push({ workflow_id, epoch, revision, writer, count, at });
      }
    };
    const running = write();
    // Told by `stop`; until then it must not end the process.
    running.catch(() => {});
    this.#running.push(running);
  }
}

/** Again and again, wherever the server is by then, for as long as it is only out of reach. */
export async function insist<T>(where: Where, send: (url: string) => Promise<T>): Promise<T> {
  for (;;) {
    const url = await where.url;
    try {
      return await send(url);
    } catch (error) {
      if (error instanceof Refused) throw error;
      where.failedAt?.(url);
    }
  }
}

export class Refused extends Error {}

export const liveUrl = (url: string): string => `${url.replace("http", "ws")}/workflow/live`;

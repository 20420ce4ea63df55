/** Writers that send each command until it is answered, whatever becomes of the server meanwhile, and keep a log of the answers. */
import type { Chance } from "../chance.js";
import { RawTab } from "../links/rawTab.js";
import { call } from "../links/rest.js";

/** Where the server is now; a promise while it is not there. */
export class Whereabouts {
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
}

interface Task {
  readonly workflow_id: string;
  readonly key: string;
  readonly part: object;
}
type Sender = (url: string, task: Task) => Promise<Pick<Ack, "epoch" | "revision">>;

export class InsistentWriters {
  readonly acks: Ack[] = [];
  readonly #where: Whereabouts;
  readonly #chance: Chance;
  readonly #ids: readonly string[];
  readonly #running: Promise<void>[] = [];
  #stopping = false;

  constructor(where: Whereabouts, chance: Chance, ids: readonly string[]) {
    this.#where = where;
    this.#chance = chance;
    this.#ids = ids;
  }

  startByRest(writer: string): void {
    this.#start(writer, async (url, { workflow_id, key, part }) => {
      const path = `${url}/workflow/state?workflow_id=${workflow_id}`;
      const headers = { "Idempotency-Key": key };
      const { status, body, text } = await call(path, "PATCH", { body: part, headers });
      if (status !== 200) throw new Refused(text);
      return body;
    });
  }

  startBySocket(writer: string): void {
    let open: { url: string; tab: RawTab } | null = null;
    this.#start(writer, async (url, { workflow_id, key, part }) => {
      if (open?.url !== url) open = { url, tab: (await RawTab.open(liveUrl(url))).tab };
      const command = { kind: "save", merge: true, workflow_id, state: part };
      const answer = await open.tab.ask(command, { request_id: key });
      if (answer.type === "refused") throw new Refused(JSON.stringify(answer));
      return { epoch: answer.epoch ?? "", revision: answer.revision ?? 0 };
    });
  }

  /** Resolves once every command that was sent is answered. Rejects where one was refused. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  #start(writer: string, send: Sender): void {
    const write = async () => {
      for (let count = 1; !this.#stopping; count++) {
        const workflow_id = this.#chance.pick(this.#ids);
        const task = { workflow_id, key: `${writer}-${count}`, part: { [writer]: count } };
        const { epoch, revision } = await insist(this.#where, (url) => send(url, task));
        this.acks.push({ workflow_id, epoch, revision, writer, count });
      }
    };
    const running = write();
    // Told by `stop`; until then it must not end the process.
    running.catch(() => {});
    this.#running.push(running);
  }
}

/** Again and again, wherever the server is by then, for as long as it is only out of reach. */
export async function insist<T>(where: Whereabouts, send: (url: string) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send(await where.url);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
  }
}

export class Refused extends Error {}

export const liveUrl = (url: string): string => `${url.replace("http", "ws")}/workflow/live`;

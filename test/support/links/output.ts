/** Output in tests: appended as a driver does, read as curl does, followed as a tab does. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { within } from "../deadline.js";
import type { LiveServer } from "../servers/liveServer.js";
import type { Frame, RawTab } from "./rawTab.js";
import type { Answer } from "./rest.js";

export const TEXT = { "Content-Type": "text/plain" };

export const logPath = (id: string, step: number, query = ""): string =>
  `/workflow/state/steps/${step}/log?workflow_id=${id}${query}`;

export function append(
  server: LiveServer,
  [id, step]: readonly [string, number],
  body: string | Uint8Array,
  query = "",
  headers: Record<string, string> = {},
): Promise<Answer> {
  return server.call("POST", logPath(id, step, query), { body, headers: { ...TEXT, ...headers } });
}

/** An append that the test takes for granted; where it ends. */
export async function printed(
  server: LiveServer,
  to: readonly [string, number],
  body: string | Uint8Array,
  query = "",
): Promise<number> {
  const answer = await append(server, to, body, query);
  if (answer.status !== 200) throw new Error(`not kept: ${answer.text}`);
  return answer.body.next as unknown as number;
}

/** What a follower heard of an attempt, put together as a client does: throws where a byte is missing or came twice. */
export class Heard {
  text = "";
  next: number;
  skipped = 0;
  frames = 0;

  constructor(from = 0) {
    this.next = from;
  }

  take({ from, next, text, skipped = 0 }: Frame<"log">): void {
    if (from - skipped !== this.next) throw new Error(`${this.next} was due, but came ${from}`);
    this.text += text;
    this.next = next;
    this.skipped += skipped;
    this.frames += 1;
  }

  /** Takes the tab's frames, which all have to be of the output, until `next` is reached. */
  async upTo(tab: RawTab, next: number): Promise<this> {
    while (this.next < next) this.take(await tab.take("log"));
    return this;
  }
}

/** An answer that is read piece by piece, as `curl -N` does. */
export class Streamed {
  readonly answer: IncomingMessage;
  /** Resolves with how it ended: whole, or cut short. */
  readonly ended: Promise<"whole" | "cut">;
  #bytes: Buffer[] = [];

  static async open(url: string, headers: Record<string, string> = {}): Promise<Streamed> {
    const request = get(url, { headers });
    const [answer] = (await within(once(request, "response"), () => `${url} to answer`)) as [
      IncomingMessage,
    ];
    return new Streamed(answer);
  }

  private constructor(answer: IncomingMessage) {
    this.answer = answer;
    answer.on("data", (piece: Buffer) => this.#bytes.push(piece));
    answer.on("error", () => {}); // "close" always follows
    this.ended = new Promise((resolve) => {
      answer.once("close", () => resolve(answer.complete ? "whole" : "cut"));
    });
  }

  get bytes(): Buffer {
    const all = Buffer.concat(this.#bytes);
    this.#bytes = [all];
    return all;
  }

  get text(): string {
    return this.bytes.toString();
  }
}

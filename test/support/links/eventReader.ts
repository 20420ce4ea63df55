/** A reader of server-sent events as a program writes one: the events in order, the comments, and how the stream ended. */
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { hearFrame } from "../contract/contract.js";
import { until } from "../deadline.js";

export interface ToldEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly frame: ServerMessage;
}

export class EventReader {
  readonly #request: ClientRequest;
  readonly events: ToldEvent[] = [];
  comments = 0;
  /** `end`: the whole answer came; `cut`: it did not. */
  ended: "end" | "cut" | null = null;
  response!: IncomingMessage;
  #rest = "";
  #taken = 0;

  /** Resolves with the answer's head. A reader that is not `reading` takes nothing until `read`. */
  static async open(
    url: string,
    headers: Record<string, string> = {},
    isReading = true,
  ): Promise<EventReader> {
    const reader = new EventReader(url, headers);
    await until(
      () => reader.response,
      () => `an answer of ${url}`,
    );
    if (isReading) reader.read();
    return reader;
  }

  private constructor(url: string, headers: Record<string, string>) {
    this.#request = get(url, {
      headers: { Accept: "text/event-stream", ...headers },
      agent: false,
    });
    this.#request.on("response", (response) => {
      response.on("close", () => {
        this.ended ??= response.complete ? "end" : "cut";
      });
      response.on("error", () => {});
      this.response = response;
    });
    this.#request.on("error", () => {});
  }

  read(): void {
    this.response.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  /** The next event that was not taken yet. */
  async next(): Promise<ToldEvent> {
    const at = this.#taken;
    await until(
      () => this.events.length > at,
      () => `event ${at} of the stream`,
    );
    this.#taken += 1;
    return this.events[at]!;
  }

  /** The frames that were not taken yet, up to the one that `isLast` knows. */
  async upTo(isLast: (frame: ServerMessage) => boolean): Promise<ServerMessage[]> {
    const frames: ServerMessage[] = [];
    for (;;) {
      const { frame } = await this.next();
      frames.push(frame);
      if (isLast(frame)) return frames;
    }
  }

  drop(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    this.#rest += text;
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (block.startsWith(":")) this.comments += 1;
      else {
        const told = eventIn(block);
        hearFrame(told.frame);
        this.events.push(told);
      }
    }
  }
}

function eventIn(block: string): ToldEvent {
  const fields = new Map(
    block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]),
  );
  return {
    id: fields.get("id"),
    event: fields.get("event") ?? "",
    frame: JSON.parse(fields.get("data") ?? "null"),
  };
}

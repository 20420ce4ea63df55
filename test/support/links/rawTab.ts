/** A tab that knows only frames: what it sends is what a test says, what it got is there to be taken in order. */
import { type ClientOptions, WebSocket } from "ws";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { hearFrame, whyNoFrame } from "../contract/contract.js";
import { fault } from "../contract/faults.js";
import { within } from "../deadline.js";

export type Frame<Type extends ServerMessage["type"] = ServerMessage["type"]> = Extract<
  ServerMessage,
  { type: Type }
>;
export type Answered = Frame<"accepted"> | Frame<"refused">;

export interface TabOptions extends ClientOptions {
  readonly protocols?: readonly string[];
  /** Frames that may come at any time on a busy machine, and that the test is not about. */
  readonly passOver?: ServerMessage["type"];
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Of all tabs: the same id again would be a repetition. */
let lastRequest = 0;

export class RawTab {
  readonly socket: WebSocket;
  /** Resolves with what the closing said; 1006 stands for a link that broke. */
  readonly closed: Promise<Closing>;
  readonly #frames: ServerMessage[] = [];
  /** Requests that are no frames of the AsyncAPI document: none of them is to be accepted. */
  readonly #strange = new Map<string, string>();
  #waiting: (() => void)[] = [];
  #closing: Closing | null = null;

  /** Resolves once the server said hello; rejects where it refused the upgrade. */
  static async open(
    url: string,
    { protocols = ["instep.v1"], passOver, ...options }: TabOptions = {},
  ): Promise<{ tab: RawTab; hello: Frame<"hello"> }> {
    const tab = new RawTab(new WebSocket(url, [...protocols], options), passOver);
    const opened = new Promise<void>((resolve, reject) => {
      tab.socket.once("open", resolve);
      tab.socket.once("error", reject);
    });
    await within(opened, () => `${url} to open`);
    return { tab, hello: await tab.take("hello") };
  }

  private constructor(socket: WebSocket, passOver: ServerMessage["type"] | undefined) {
    this.socket = socket;
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as ServerMessage;
      hearFrame(frame);
      if (frame.type === "accepted" && this.#strange.has(frame.request_id))
        fault(`accepted, and no frame of the document: ${this.#strange.get(frame.request_id)}`);
      if (frame.type === passOver) return;
      this.#frames.push(frame);
      this.#wake();
    });
    socket.on("error", () => {}); // "close" always follows
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#closing = { code, reason: reason.toString() };
        this.#wake();
        resolve(this.#closing);
      });
    });
  }

  /** Text and bytes go out as they are. */
  send(message: object | string | Buffer): void {
    const asIs = typeof message === "string" || Buffer.isBuffer(message);
    if (!asIs && "request_id" in message && typeof message.request_id === "string") {
      const why = whyNoFrame({ ...message });
      if (why !== null) this.#strange.set(message.request_id, why);
    }
    this.socket.send(asIs ? message : JSON.stringify(message));
  }

  /** Of `last`, only the position is sent, so that an answer of the server may stand there. */
  subscribe(workflow_id: string, last?: { epoch: string; revision: number } | null): void {
    const position = last && { epoch: last.epoch, revision: last.revision };
    this.send({
      type: "subscribe",
      workflow_id,
      ...(last === undefined ? {} : { last: position }),
    });
  }

  /** Returns the request's id. */
  propose(command: object, more: object = {}): string {
    lastRequest += 1;
    const frame = { type: "propose", request_id: `request-${lastRequest}`, command, ...more };
    this.send(frame);
    return frame.request_id;
  }

  /** Proposes and waits for the answer, wherever it comes among the other frames; those stay to be taken. */
  ask(command: object, more: { readonly [key: string]: unknown } = {}): Promise<Answered> {
    const sent = this.propose(command, more);
    return this.answerTo(sent);
  }

  async answerTo(requestId: string): Promise<Answered> {
    const isAnswer = (frame: ServerMessage): frame is Answered =>
      (frame.type === "accepted" || frame.type === "refused") && frame.request_id === requestId;
    for (;;) {
      const at = this.#frames.findIndex(isAnswer);
      if (at !== -1) return this.#frames.splice(at, 1)[0] as Answered;
      await this.#more(`the answer to ${requestId}`);
    }
  }

  /** As `ask`, for commands that the test takes for granted. */
  async accepted(
    command: object,
    more: { readonly [key: string]: unknown } = {},
  ): Promise<Frame<"accepted">> {
    const answer = await this.ask(command, more);
    if (answer.type !== "accepted") throw new Error(`refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The next frame, in order. */
  async next(): Promise<ServerMessage> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      await this.#more("a frame");
    }
  }

  /** The next frame, which has to be of this type. */
  async take<Type extends ServerMessage["type"]>(type: Type): Promise<Frame<Type>> {
    const frame = await this.next();
    if (frame.type !== type) throw new Error(`${type} was due, but came ${JSON.stringify(frame)}`);
    return frame as Frame<Type>;
  }

  /** Everything that came, or is on its way, up to the answer to a ping of ours: the server answers in order. */
  async rest(): Promise<ServerMessage[]> {
    this.send({ type: "ping" });
    const rest: ServerMessage[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame.type === "pong") return rest;
      rest.push(frame);
    }
  }

  /** Every frame from here to the end of the socket, whatever ends it. */
  async *untilClosed(): AsyncIterable<ServerMessage> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) yield frame;
      else if (this.#closing) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Breaks the link without a farewell. */
  drop(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #more(what: string): Promise<void> {
    const seen = this.#frames.length;
    if (this.#closing)
      throw new Error(`${what} was due, but the socket closed (${JSON.stringify(this.#closing)})`);
    const arrived = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await within(
      arrived,
      () => `${what}; untaken: ${JSON.stringify(this.#frames.slice(0, seen + 5))}`,
    );
  }
}

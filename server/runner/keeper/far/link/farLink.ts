/** One ssh process with a shell at its other end: it is asked one thing after the other, until the link is gone. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../../../../../shared/clock.js";
import { awakeOf } from "../../../../time/awake.js";
import type { Environment } from "../../../variables/environment.js";
import type { FarConnection } from "../../keptJob.js";
import { AnswerReader, type FarFrame } from "./answerReader.js";
import { failureOf, type LinkFailure, NO_SSH, sshArguments } from "./sshCommand.js";

export interface FarLinkOptions {
  readonly connection: FarConnection;
  /** An earlier shell of the same one is ended over there. */
  readonly owner: string;
  /** Functions for the far shell: `hello` greets, `answered` ends an answer. */
  readonly prelude: string;
  /** Of ssh itself. */
  readonly env: Environment;
  readonly clock: Clock;
}

/** How far the other machine's clock had run, counted from its boot, at a moment of ours. */
export interface FarUptime {
  readonly bootId: string;
  readonly ms: number;
  /** In elapsed time. */
  readonly at: number;
}

/** No answer is silent for longer, also where ssh itself still hears something. */
const SILENCE_MS = 30_000;
/** An ended ssh has this long to go by itself. */
const GOODBYE_MS = 500;
const MOST_SAID = 8_192;

interface Question {
  readonly number: number;
  readonly hear: (frame: FarFrame) => void;
  readonly answered: () => void;
}

export class FarLink {
  /** Resolves with null once the far shell is ours; otherwise with why it never was. */
  readonly ready: Promise<LinkFailure | null>;
  /** Resolves once there is nothing left of it here. */
  readonly gone: Promise<LinkFailure>;
  uptime: FarUptime | null = null;
  readonly #options: FarLinkOptions;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #reader: AnswerReader;
  #question: Question | null = null;
  #count = 0;
  #said = "";
  #failure: LinkFailure | null = null;
  #greeted = (_why: LinkFailure | null) => {};
  #cancelSilence = () => {};

  constructor(options: FarLinkOptions) {
    this.#options = options;
    const { connection, owner, prelude, env } = options;
    // A session of its own: Ctrl-C in our terminal means us, and we still need the link.
    this.#child = spawn("ssh", sshArguments(connection, "exec /bin/sh"), {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...env },
      detached: true,
    });
    this.ready = new Promise((resolve) => {
      this.#greeted = resolve;
    });
    const greeting = `instep-${randomBytes(16).toString("hex")}`;
    this.#reader = new AnswerReader(greeting, (frame) => this.#hear(frame));
    this.gone = this.#untilGone();
    this.#read();
    this.#child.stdin.write(`${prelude}\nhello ${greeting} ${owner}\n`);
    this.#expect();
  }
  /** Resolves with null once it was answered, with why it was not otherwise. One at a time. */
  ask(code: string, hear: (frame: FarFrame) => void): Promise<LinkFailure | null> {
    this.#count += 1;
    const number = this.#count;
    const answered = new Promise<null>((resolve) => {
      this.#question = { number, hear, answered: () => resolve(null) };
    });
    this.#expect();
    this.#child.stdin.write(`${code}\nanswered ${number}\n`);
    return Promise.race([answered, this.gone]);
  }

  /** Nothing is to be asked any more. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const cancel = this.#options.clock.after(GOODBYE_MS, () => this.#child.kill("SIGKILL"));
    await this.gone;
    cancel();
  }

  #read(): void {
    const { stdout, stderr, stdin } = this.#child;
    stdin.on("error", () => {}); // "close" follows.
    stdout.on("data", (piece: Buffer) => {
      this.#expect();
      if (!this.#reader.add(piece))
        this.#break({ kind: "broken", why: "the other machine's answer was not understood" });
    });
    stderr.on("data", (piece: Buffer) => {
      this.#said = (this.#said + piece.toString("utf8")).slice(-MOST_SAID);
    });
  }

  #hear(frame: FarFrame): void {
    const { kind, words } = frame;
    if (kind === "h") return this.#hello(words);
    if (kind !== ".") return this.#question?.hear(frame);
    const question = this.#question;
    this.#note(words[1], this.uptime?.bootId ?? "");
    if (question === null || words[0] !== String(question.number)) return;
    this.#question = null;
    this.#cancelSilence();
    question.answered();
  }

  /** `h BOOT UPTIME`. */
  #hello([bootId = "", uptime]: readonly string[]): void {
    this.#note(uptime, bootId);
    this.#cancelSilence();
    this.#greeted(null);
  }

  #note(uptime: string | undefined, bootId: string): void {
    const seconds = Number(uptime);
    if (!Number.isFinite(seconds)) return;
    this.uptime = { bootId, ms: seconds * 1_000, at: this.#options.clock.elapsed() };
  }

  /** Something has to come, and soon. */
  #expect(): void {
    this.#cancelSilence();
    const { clock, connection } = this.#options;
    this.#cancelSilence = awakeOf(clock).after(SILENCE_MS, () =>
      this.#break({ kind: "broken", why: `${connection.host} fell silent` }),
    );
  }

  #break(failure: LinkFailure): void {
    this.#failure ??= failure;
    this.#child.kill("SIGKILL");
  }

  async #untilGone(): Promise<LinkFailure> {
    let wasThere = false;
    void this.ready.then((failure) => {
      wasThere = failure === null;
    });
    let exitCode: number | null = null;
    const failure = await new Promise<LinkFailure | null>((resolve) => {
      this.#child.on("error", () => resolve(NO_SSH));
      this.#child.on("close", (code) => {
        exitCode = code;
        resolve(null);
      });
    });
    this.#cancelSilence();
    const { connection } = this.#options;
    const why = failure ?? this.#failure ?? failureOf(connection, this.#said, wasThere, exitCode);
    this.#greeted(why);
    return why;
  }
}

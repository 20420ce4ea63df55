/** Reads the output of a command in its keeper's hands into the log of its attempt, so that a later server can go on at any moment: no byte is missing then, and none is there twice. */
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../../../shared/clock.js";
import { counted } from "../../../../shared/text/counted.js";
import { awakeOf } from "../../../time/awake.js";
import type { Keeper } from "../../keeper/keeper.js";
import type { KeeperFolder } from "../../keeper/keeperFolder.js";
import { givenBy, type KeptRecord, withOwn } from "../../keeper/keptRecord.js";
import type { PlacedOutput } from "../../report/placedOutput.js";
import type { Redaction } from "../../secrets/redaction.js";
import type { RestartableStream } from "../../secrets/restarts.js";
import { SpoolPlaces } from "./spoolPlaces.js";

export interface SpoolListeners {
  /** The bytes as they come, before secrets are taken out of them. */
  onRaw(bytes: Buffer): void;
  /** How many of these still wait for the rest of a line that counts as a whole. */
  readonly rawWaiting: () => number;
  /** The masked text, cut anywhere but in a character, and its bytes before they are written. */
  onText(text: string, bytes: Uint8Array): void;
}

export interface SpoolReadingParts {
  readonly keeper: Keeper;
  readonly folder: Pick<KeeperFolder, "keep">;
  readonly output: PlacedOutput;
  readonly redaction: Redaction;
  readonly listeners: SpoolListeners;
  /** How far an earlier server came, or the beginning. */
  readonly record: KeptRecord;
  readonly clock: Clock;
}

const READ_BYTES = 256 * 1024;
/** So long a command that has ended is waited for where the log takes what it printed without a pause: something may print for ever. */
const LONGEST_REST_MS = 30_000;

export class SpoolReading {
  readonly #parts: SpoolReadingParts;
  readonly #places: SpoolPlaces;
  readonly #decoder = new StringDecoder("utf8");
  readonly #stop = new AbortController();
  #masked: RestartableStream;
  #record: KeptRecord;
  /** Records that are true once the log is as long as they say. */
  #coming: KeptRecord[] = [];
  #settling: Promise<void> | null = null;
  #stoppedAt = 0;
  #isLeft = false;

  constructor(parts: SpoolReadingParts) {
    const { record, redaction, output } = parts;
    this.#parts = parts;
    this.#record = record;
    this.#places = new SpoolPlaces(record.place, record.isInLine);
    this.#masked = redaction.restartable(givenBy(record, output.next));
    output.onOwn = (from, length) => this.#keep(withOwn(this.#record, from, length));
  }

  /** Resolves once nothing more comes, or it was stopped, and all of it is in the log. */
  async run(): Promise<void> {
    const { keeper, clock } = this.#parts;
    for (;;) {
      const piece = await keeper.read(this.#places.next, READ_BYTES, this.#stop.signal);
      if (piece === null || this.#isLeft) break;
      if (this.#stop.signal.aborted && clock.elapsed() - this.#stoppedAt > LONGEST_REST_MS) break;
      if (piece.leftOut > 0) await this.#tellLeftOut(piece.leftOut);
      this.#places.add(piece);
      this.#parts.listeners.onRaw(piece.bytes);
      await this.#give(this.#masked.add(piece.bytes));
      this.#look();
    }
    await this.#settled();
  }

  /** Resolves once nothing came for so long: what the command had printed when it ended is in the log, as far as that can be known. */
  async quiet(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.#whenWaited(ms, resolve));
  }

  /** The command has ended: a process that holds its output for ever is not waited for. `onClosing` hears of it. */
  within(ms: number, onClosing: () => void): () => void {
    return this.#whenWaited(ms, () => {
      onClosing();
      this.stop();
    });
  }

  /** Waits for nothing more: what is there by now is read. */
  stop(): void {
    this.#stoppedAt = this.#parts.clock.elapsed();
    this.#stop.abort();
  }

  /** Reads no more: another server will. */
  leave(): void {
    this.#isLeft = true;
    this.stop();
  }

  /** Gives out what still waited for its next byte; resolves once all of it is in the log. */
  async finish(): Promise<void> {
    await this.#give(this.#masked.end());
    const rest = this.#decoder.end();
    if (rest !== "") this.#parts.listeners.onText(rest, NOTHING);
    await this.#parts.output.untilKept();
  }

  /** Calls `over` once it has waited so long for more, and after a while in any case. Returns what takes it back. */
  #whenWaited(ms: number, over: () => void): () => void {
    const { clock, keeper } = this.#parts;
    const begun = clock.elapsed();
    const waited = () => keeper.waitedMs?.() ?? 0;
    const waitedBefore = waited();
    let cancel = () => {};
    const look = () => {
      const left = ms - (waited() - waitedBefore);
      if (left <= 0 || clock.elapsed() - begun >= LONGEST_REST_MS) return over();
      cancel = awakeOf(clock).after(Math.max(1, left), look);
    };
    look();
    return () => cancel();
  }

  async #give(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const text = this.#decoder.write(bytes);
    const { listeners, output } = this.#parts;
    if (text !== "") listeners.onText(text, bytes);
    await output.write(bytes);
  }

  /** A secret that was begun before what is missing cannot be told from one that goes on behind it. */
  async #tellLeftOut(bytes: number): Promise<void> {
    await this.#give(this.#masked.end());
    this.#masked = this.#parts.redaction.restartable();
    this.#parts.output.say(
      `${counted(bytes, "byte")} of the command's output were left out here: nobody took them while the server was away`,
    );
  }

  #look(): void {
    const { output, listeners } = this.#parts;
    const { back, skip } = this.#masked.restart();
    if (listeners.rawWaiting() > back) return;
    const found = this.#places.back(back);
    if (!found) return;
    const { begin } = this.#record;
    this.#coming.push({ ...found, begin, skip, log: output.next, own: [], left: null });
    this.#settling ??= output.untilKept().then(() => {
      this.#settling = null;
      this.#accept();
    });
    this.#accept();
  }

  async #settled(): Promise<void> {
    await this.#parts.output.untilKept();
    this.#accept();
  }

  /** The newest record that the log has come up to is the one that counts. */
  #accept(): void {
    const { output, keeper } = this.#parts;
    const at = this.#coming.findLastIndex(({ log }) => log <= output.keptTo);
    if (at === -1) return;
    const record = this.#coming[at]!;
    this.#coming = this.#coming.slice(at + 1);
    if (this.#keep({ ...record, own: this.#record.own })) void keeper.release(record.place);
  }

  /** False where the disk refuses: the record before it is true as well, so long as nothing behind that is removed, and no line of our own is added. */
  #keep(record: KeptRecord): boolean {
    try {
      this.#parts.folder.keep(record);
      this.#record = record;
      return true;
    } catch {
      return false;
    }
  }
}

const NOTHING = Buffer.alloc(0);

/** The commands on other machines of which nobody wants anything any more, and which could not be removed there yet: on disk, so that the next server does it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { FarConnection } from "../keptJob.js";

const Leftover = z.object({
  /** The folder's name over there. */
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  far: FarConnection,
  /** All of it that still runs is ended first. */
  ends: z.boolean(),
  /** In ms since 1970. */
  since: z.number(),
});
export type Leftover = z.infer<typeof Leftover>;

/** Of more, the oldest are forgotten: their machines are hardly there any more. */
const MOST = 200;
const LONGEST_MS = 30 * 24 * 60 * 60_000;

export class Leftovers {
  readonly #file: string | null;
  #all: readonly Leftover[];

  /** Null keeps them in memory. */
  constructor(file: string | null, now: number) {
    this.#file = file;
    this.#all = file === null ? [] : readAll(file).filter(({ since }) => now - since < LONGEST_MS);
  }

  get all(): readonly Leftover[] {
    return this.#all;
  }

  add(one: Leftover): void {
    this.#write([...this.#all.filter(({ id }) => id !== one.id), one].slice(-MOST));
  }

  /** It is removed. */
  forget(id: string): void {
    const rest = this.#all.filter((one) => one.id !== id);
    if (rest.length < this.#all.length) this.#write(rest);
  }

  /** Where the disk refuses, this process still knows them. */
  #write(all: readonly Leftover[]): void {
    this.#all = all;
    if (this.#file === null) return;
    const aside = `${this.#file}.new`;
    try {
      if (all.length === 0) return rmSync(this.#file, { force: true });
      writeFileSync(aside, `${JSON.stringify(all)}\n`, { mode: 0o600 });
      renameSync(aside, this.#file);
    } catch {
      rmSync(aside, { force: true });
    }
  }
}

/** None where it cannot be read: nothing but a rest on another machine is lost with it. */
function readAll(file: string): readonly Leftover[] {
  try {
    return z.array(Leftover).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}

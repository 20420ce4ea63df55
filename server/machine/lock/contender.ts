/** One attempt to get a data folder's lock: made in full under names of its own first, so that a crash at any step leaves nothing that counts. */
import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { DataDirLocked } from "./dataDirLocked.js";
import { describeSelf, type Holder } from "./holder.js";
import { askLifeSign, heldNonceOf, LifeSign } from "./lifeSign.js";
import { type FoundLock, LOCK_FILE, type LockFolder } from "./lockFolder.js";
import { refuseUnlessDead } from "./verdict.js";

const LEFTOVER =
  /^instep\.lock\.(?:taking(?:\..*)?|after\.[0-9a-f]{16}|([0-9a-f]{16})(?:\.sock)?)$/;

export class Contender {
  readonly self: Holder;
  /** The lock file's open handle: while it is open, no other file gets its inode number. */
  readonly file: FileHandle;
  readonly sign: LifeSign | null;
  readonly #folder: LockFolder;
  readonly #draftName: string;

  /** Its socket answers and its lock file is durable, under names that mean nothing yet. */
  static async enter(folder: LockFolder): Promise<Contender> {
    const nonce = randomBytes(8).toString("hex");
    const sign = await LifeSign.show(folder, nonce);
    try {
      return await Contender.#draft(folder, nonce, sign);
    } catch (error) {
      await sign?.end().catch(() => {});
      throw error;
    }
  }

  static async #draft(
    folder: LockFolder,
    nonce: string,
    sign: LifeSign | null,
  ): Promise<Contender> {
    const path = folder.pathOf(draftName(nonce));
    try {
      const written = await folder.fs.open(path, "wx", 0o600);
      let self: Holder;
      try {
        const { ino } = await written.stat({ bigint: true });
        self = describeSelf(nonce, String(ino));
        await written.writeFile(`${JSON.stringify(self)}\n`);
        await written.sync();
      } finally {
        await written.close();
      }
      // Kept open for reading only: an administrator can still make the file system read-only.
      return new Contender(folder, self, await folder.fs.open(path, "r"), sign);
    } catch (error) {
      await folder.remove(draftName(nonce)).catch(() => {});
      throw error;
    }
  }

  private constructor(folder: LockFolder, self: Holder, file: FileHandle, sign: LifeSign | null) {
    this.#folder = folder;
    this.self = self;
    this.file = file;
    this.sign = sign;
    this.#draftName = draftName(self.nonce);
  }

  /** True once it has the lock, durably. False where somebody came in between: try again. Throws DataDirLocked. */
  async take(takeOver: boolean): Promise<boolean> {
    const found = await this.#folder.read(LOCK_FILE);
    const hasIt = found ? await this.#succeed(found, takeOver) : await this.#begin();
    if (!hasIt) return false;
    let isSettled = false;
    try {
      await this.#folder.sync();
      if (this.sign && !(await this.sign.confirm())) return false;
      await this.#sweep();
      isSettled = true;
      return true;
    } finally {
      if (!isSettled) await this.#folder.remove(LOCK_FILE).catch(() => {});
    }
  }

  /** Takes back what did not become the lock. What the disk refuses to take back is swept at the next start. */
  async leave(): Promise<void> {
    await this.file.close().catch(() => {});
    await this.#folder.remove(this.#draftName).catch(() => {});
    await this.sign?.end().catch(() => {});
  }

  async #begin(): Promise<boolean> {
    if (!(await this.#isForsaken())) return false;
    if (!(await this.#folder.link(this.#draftName, LOCK_FILE))) return false;
    await this.#folder.remove(this.#draftName);
    return true;
  }

  /**
   * In place of a dead one. Each lock has one successor: the one who makes the file that bears its id, and nobody takes that away before
   * the lock is replaced. A successor that died before that has a successor in turn.
   */
  async #succeed(dead: FoundLock, takeOver: boolean): Promise<boolean> {
    const line = [dead];
    let place: string;
    for (;;) {
      const last = line.at(-1)!;
      await refuseUnlessDead(last, this.self, this.#folder, takeOver);
      place = `${LOCK_FILE}.after.${last.id}`;
      const isOurs = await this.#folder.link(this.#draftName, place);
      if (isOurs) break;
      const other = isOurs === null ? null : await this.#folder.read(place);
      if (!other) return false;
      line.push(other);
    }
    try {
      // We may have slept since we read: all of it replaced by now, and the place free again.
      for (const { name, id } of line) {
        if ((await this.#folder.read(name))?.id !== id) return false;
      }
      if (!(await this.#isForsaken())) return false;
      return await this.#folder.rename(this.#draftName, LOCK_FILE);
    } finally {
      await this.#folder.remove(place);
    }
  }

  /** Throws where a server lives whose lock somebody removed. False where one has taken the lock just now. */
  async #isForsaken(): Promise<boolean> {
    for (const name of await this.#folder.list()) {
      const nonce = heldNonceOf(name);
      if (nonce === null || (await askLifeSign(this.#folder, nonce)) !== "answers") continue;
      const lock = await this.#folder.read(LOCK_FILE);
      if (lock?.holder?.nonce === nonce) return false;
      throw new DataDirLocked(
        `A server still runs on the data folder ${this.#folder.dataDir}, though somebody removed its lock file. End that server first.`,
        null,
      );
    }
    return true;
  }

  /** Removes what starts cut short by a crash left behind. Only for the one who has the lock. */
  async #sweep(): Promise<void> {
    for (const name of await this.#folder.list()) {
      const holder = heldNonceOf(name);
      const [isLeftover, nonce = holder] = LEFTOVER.exec(name) ?? [];
      if ((!isLeftover && !holder) || nonce === this.self.nonce) continue;
      // That contender is about to hear that the lock is taken.
      if (nonce && (await askLifeSign(this.#folder, nonce)) === "answers") continue;
      // A leftover that cannot be removed disturbs nothing.
      await this.#folder.remove(name).catch(() => {});
    }
  }
}

const draftName = (nonce: string): string => `${LOCK_FILE}.${nonce}`;

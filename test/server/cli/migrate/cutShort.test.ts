/** A move that is cut short at any of its steps: one side is whole, no server begins on the other, and the same move said again goes on. */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Contents, differenceOf } from "../../../../server/cli/migrate/contents.js";
import { move } from "../../../../server/cli/migrate/move.js";
import { renew } from "../../../../server/cli/migrate/renew.js";
import { asOfFolder, asOfNode } from "../../../../server/cli/migrate/settled.js";
import type { Side } from "../../../../server/cli/migrate/side.js";
import { encodeMark, refuseHalf } from "../../../../server/state/store/moveMark.js";
import { hasEtcd } from "../../../support/etcd/hasEtcd.js";
import { fillFolder, moveTest, openFolder } from "../../../support/etcd/movedFolder.js";

/** Both sides together make no more changes than so many. */
const MOST_CHANGES = 24;

class Cut extends Error {}

/** Ends everything at the n-th change: before it, or behind it. */
class Knife {
  #left: number;
  readonly #isBehind: boolean;

  constructor(at: number, isBehind: boolean) {
    this.#left = at;
    this.#isBehind = isBehind;
  }

  held(side: Side): Side {
    const cut =
      <A extends unknown[], R>(change: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        this.#left -= 1;
        if (this.#left < 0 || (this.#left === 0 && !this.#isBehind)) throw new Cut();
        const result = await change(...args);
        if (this.#left === 0) throw new Cut();
        return result;
      };
    return {
      kind: side.kind,
      name: side.name,
      checkRest: () => side.checkRest(),
      mark: () => side.mark(),
      read: () => side.read(),
      close: () => side.close(),
      setMark: cut((mark) => side.setMark(mark)),
      // The half of it is there where it is cut.
      write: cut(async (contents) => {
        await side.write({ ...contents, open: [], runs: new Map() });
        if (this.#left === 0) throw new Cut();
        await side.write(contents);
      }),
      replace: cut((records) => side.replace(records)),
      wipe: cut(() => side.wipe()),
      leave: cut(() => side.leave()),
    };
  }
}

/** Whether a server would begin on it. */
async function opens(side: Side): Promise<boolean> {
  const mark = await side.mark();
  try {
    refuseHalf(mark && encodeMark(mark), side.name);
    return true;
  } catch {
    return false;
  }
}

/** One side has all, and a server begins on a side that has all of it or nothing: never on both with something. */
async function expectOneWhole(...sides: readonly (readonly [Side, Contents])[]): Promise<void> {
  const looks = sides.map(async ([side, wanted]) => {
    const found = await side.read();
    const isEmpty = differenceOf(EMPTY, found) === null;
    return { isOpen: await opens(side), isEmpty, isWhole: differenceOf(wanted, found) === null };
  });
  const found = await Promise.all(looks);
  expect(found.some(({ isWhole }) => isWhole)).toBe(true);
  const open = found.filter(({ isOpen, isEmpty }) => isOpen && !isEmpty);
  expect(open.every(({ isWhole }) => isWhole)).toBe(true);
  expect(open.length).toBeLessThan(2);
}

const EMPTY: Contents = { open: [], history: [], runs: new Map(), shelves: new Map(), order: 0 };

const places = Array.from({ length: MOST_CHANGES }, (_, at) => at + 1);

describe.skipIf(!hasEtcd)("a move that is cut short", () => {
  moveTest(
    "a move to etcd, cut at each of its changes, goes on when it is said again",
    async ({ folder, openEtcdSide }) => {
      for (const isBehind of [false, true]) {
        for (const at of places) {
          const data = join(folder, `${isBehind}-${at}`);
          await fillFolder(data);
          const [from, to] = [await openFolder(data), openEtcdSide()];
          const before = await from.read();
          const wanted = asOfNode(before, "a");
          const knife = new Knife(at, isBehind);
          const error = await move(knife.held(from), knife.held(to), "a").catch((thrown) => thrown);
          const isWhole = !(error instanceof Cut);
          if (!isWhole) {
            await expectOneWhole([from, before], [to, wanted]);
            const left = await from.mark();
            const isToBeSaid = left !== null || (await to.mark()) !== null;
            if (isToBeSaid) await move(from, to, "a");
            else if (differenceOf(await from.read(), EMPTY) !== null) await move(from, to, "a");
          }
          expect(differenceOf(wanted, await to.read())).toBeNull();
          expect(differenceOf(EMPTY, await from.read())).toBeNull();
          expect([await opens(from), await opens(to)]).toEqual([true, true]);
          await to.setMark({ id: "x", part: "target", isCopied: false, other: "" });
          await to.wipe();
          await to.setMark(null);
          await from.close();
          if (isWhole) break;
          expect(at).toBeLessThan(MOST_CHANGES);
        }
      }
    },
  );

  moveTest(
    "a move to a folder, cut at each of its changes, goes on when it is said again",
    async ({ folder, openEtcdSide }) => {
      const source = join(folder, "source");
      await fillFolder(source);
      const first = await openFolder(source);
      const contents = asOfNode(await first.read(), "a");
      await first.close();
      const wanted = asOfFolder(contents);
      for (const at of places) {
        const from = openEtcdSide();
        await from.mark();
        await from.wipe();
        await from.write(contents);
        const to = await openFolder(join(folder, String(at)));
        const knife = new Knife(at, false);
        const error = await move(knife.held(from), knife.held(to), "a").catch((thrown) => thrown);
        const isWhole = !(error instanceof Cut);
        if (!isWhole) {
          if (await opens(from)) expect(differenceOf(contents, await from.read())).toBeNull();
          else expect(differenceOf(wanted, await to.read())).toBeNull();
          await move(from, to, "a");
        }
        expect(differenceOf(wanted, await to.read())).toBeNull();
        expect(differenceOf(EMPTY, await from.read())).toBeNull();
        await to.close();
        if (isWhole) break;
        expect(at).toBeLessThan(MOST_CHANGES);
      }
    },
  );

  moveTest(
    "a half that belongs to another move is left alone",
    async ({ folder, openEtcdSide }) => {
      const [one, other] = [join(folder, "one"), join(folder, "other")];
      for (const data of [one, other]) await fillFolder(data);
      const to = openEtcdSide();
      const first = await openFolder(one);
      const knife = new Knife(3, false);
      await expect(move(knife.held(first), knife.held(to), "a")).rejects.toThrow(Cut);
      const second = await openFolder(other);
      await expect(move(second, to, "a")).rejects.toThrow(
        `Another move of ${to.name} was cut short: say instep migrate --from ${one} --to ${to.name} again first.`,
      );
      await expect(renew(to, 0)).rejects.toThrow("was cut short");
      await move(first, to, "a");
      for (const side of [first, second]) await side.close();
    },
  );

  moveTest("new epochs that were cut short are given again", async ({ folder, openEtcdSide }) => {
    const data = join(folder, "data");
    await fillFolder(data);
    const [from, side] = [await openFolder(data), openEtcdSide()];
    await move(from, side, "a");
    await from.close();
    await expect(renew(new Knife(3, false).held(side), 0)).rejects.toThrow(Cut);
    expect(await opens(side)).toBe(false);
    expect(await renew(side, 0)).toBe(1);
    const [record] = (await side.read()).open.filter(({ workflow_id }) => workflow_id === "deploy");
    expect(record).toMatchObject({ revision: 1, lease: null, output_epoch: "e1" });
    expect(record!.epoch).not.toBe("e1");
    expect(record!.state).toMatchObject({
      status: "interrupted",
      interruption: { reason: "restored" },
    });
    expect(await opens(side)).toBe(true);
  });
});

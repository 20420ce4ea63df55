import { describe, expect, it } from "vitest";
import { inTurns, Turns } from "../../../../server/ingress/pace/turns.js";

function world() {
  let now = 0;
  const due: (() => void)[] = [];
  const turns = new Turns({ elapsed: () => now }, (run) => void due.push(run));
  const ran: string[] = [];
  const peer = (name: string, fifths: number) => {
    const waits: boolean[] = [];
    const lane = turns.lane((it) => void waits.push(it));
    const send = (count = 1) => {
      for (let i = 0; i < count; i++)
        lane.do(() => {
          ran.push(name);
          now += fifths / 5;
        });
    };
    /** A task of so many steps, which are told apart by their numbers. */
    const sendLarge = (steps: number) => {
      lane.do(
        inTurns(
          (function* () {
            for (let step = 1; step <= steps; step++) {
              if (step > 1) yield;
              ran.push(`${name} ${step}`);
              now += fifths / 5;
            }
          })(),
        ),
      );
    };
    return { lane, send, sendLarge, waits };
  };
  /** The tasks that ran, turn by turn, until nothing was left to do. */
  const turn = () => {
    const before = ran.length;
    for (const run of due.splice(0)) run();
    return ran.slice(before);
  };
  return { peer, turn, ran, due };
}

describe("the event loop", () => {
  it("the event loop serves a peer that sends little at once", () => {
    const { peer, ran } = world();
    peer("calm", 1).send();
    expect(ran).toEqual(["calm"]);
  });

  it("the event loop is left after a ms, and the peer that took least comes first then", () => {
    const { peer, ran, turn } = world();
    const [flooder, other, calm] = [peer("flooder", 2), peer("other", 2), peer("calm", 1)];
    flooder.send(10);
    other.send(10);
    expect(ran).toEqual(["flooder", "flooder", "flooder"]);
    expect(turn()).toEqual(["other", "other", "other"]);
    calm.send();
    const next = turn();
    expect(next.indexOf("calm")).toBeLessThanOrEqual(1);
    expect(next.length).toBeLessThanOrEqual(4);
    let rest = turn();
    for (let more = turn(); more.length > 0; more = turn()) rest = [...rest, ...more];
    expect(ran.filter((name) => name === "flooder")).toHaveLength(10);
    expect(ran.filter((name) => name === "other")).toHaveLength(10);
  });

  it("the event loop takes no more than a few tasks of one peer at once, however cheap they are", () => {
    const { peer, ran, turn, due } = world();
    const flooder = peer("flooder", 0);
    flooder.send(100);
    expect(ran).toHaveLength(32);
    expect(flooder.waits).toEqual([true]);
    peer("calm", 0).send();
    expect(ran.at(-1)).toBe("calm");
    expect(turn()).toHaveLength(32);
    turn();
    expect(turn()).toHaveLength(4);
    expect(flooder.waits).toEqual([true, false]);
    turn();
    expect(due).toEqual([]);
  });

  it("the event loop gives nobody credit for having been idle", () => {
    const { peer, turn, ran } = world();
    const [busy, late] = [peer("busy", 3), peer("late", 3)];
    busy.send(20);
    for (let i = 0; i < 5; i++) turn();
    late.send(20);
    const before = ran.length;
    for (let i = 0; i < 8; i++) turn();
    const share = ran.slice(before).filter((name) => name === "late").length;
    expect(share).toBeLessThanOrEqual(9);
    expect(share).toBeGreaterThanOrEqual(6);
  });

  it("the event loop gives nobody credit for a large task that began at once", () => {
    const { peer, turn, ran } = world();
    const before = peer("before", 5);
    before.sendLarge(50);
    while (turn().length > 0);
    peer("calm", 0).send();
    turn();
    const large = peer("large", 5);
    large.sendLarge(50);
    expect(ran.at(-1)).toBe("large 1");
    turn();
    peer("calm", 1).send();
    expect([...turn(), ...turn()]).toContain("calm");
    expect(ran).not.toContain("large 6");
  });

  it("the event loop does nothing more for a peer that is gone", () => {
    const { peer, turn, ran } = world();
    const gone = peer("gone", 5);
    gone.send(10);
    gone.lane.end();
    turn();
    expect(ran).toEqual(["gone"]);
  });

  it("the event loop goes on with a large task in later turns, and others come in between", () => {
    const { peer, ran, turn } = world();
    const [large, calm] = [peer("large", 5), peer("calm", 1)];
    large.sendLarge(3);
    expect(ran).toEqual(["large 1"]);
    calm.send();
    expect(turn()).toEqual(["calm", "large 2"]);
    calm.send();
    expect(turn()).toEqual(["calm", "large 3"]);
    expect(turn()).toEqual([]);
  });

  it("the event loop keeps the order of one peer around a large task, and reads no more of it meanwhile", () => {
    const { peer, ran, turn } = world();
    const one = peer("small", 0);
    one.send();
    one.sendLarge(3);
    expect(one.waits).toEqual([true]);
    one.send();
    one.sendLarge(2);
    one.send();
    while (turn().length > 0);
    expect(ran).toEqual([
      "small",
      "small 1",
      "small 2",
      "small 3",
      "small",
      "small 1",
      "small 2",
      "small",
    ]);
    expect(one.waits).toEqual([true, false]);
  });

  it("the event loop ends a large task where its peer goes in the middle of it", () => {
    const { peer, ran, turn, due } = world();
    const gone = peer("gone", 5);
    gone.sendLarge(3);
    gone.send();
    gone.lane.end();
    gone.send();
    turn();
    expect(ran).toEqual(["gone 1"]);
    expect(due).toEqual([]);
    const itself = peer("itself", 5);
    itself.lane.do(() => {
      itself.lane.end();
      return () => {
        throw new Error("never done");
      };
    });
    turn();
    turn();
    expect(due).toEqual([]);
  });

  it("the event loop passes over a lane that is held, and takes up its tasks where they were", () => {
    const { peer, ran, turn } = world();
    const [held, other] = [peer("held", 1), peer("other", 1)];
    held.lane.hold();
    held.send(2);
    other.send();
    expect([ran, held.waits]).toEqual([["other"], [true]]);
    expect(turn()).toEqual([]);
    held.lane.release();
    expect(turn()).toEqual(["held", "held"]);
    expect(held.waits).toEqual([true, false]);
  });
});

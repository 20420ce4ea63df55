import { describe, expect, it } from "vitest";
import { Turns } from "../../../server/ingress/turns.js";

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
    return { lane, send, waits };
  };
  /** What ran in the turns until nothing was left to do. */
  const turn = () => {
    const before = ran.length;
    for (const run of due.splice(0)) run();
    return ran.slice(before);
  };
  return { peer, turn, ran, due };
}

describe("the event loop", () => {
  it("serves at once who sends little", () => {
    const { peer, ran } = world();
    peer("calm", 1).send();
    expect(ran).toEqual(["calm"]);
  });

  it("is left after a ms, and whoever took least comes first then", () => {
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

  it("takes no more than a few tasks of one peer at once, however cheap they are", () => {
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

  it("gives nobody credit for having been idle", () => {
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

  it("does nothing more for who is gone", () => {
    const { peer, turn, ran } = world();
    const gone = peer("gone", 5);
    gone.send(10);
    gone.lane.end();
    turn();
    expect(ran).toEqual(["gone"]);
  });
});

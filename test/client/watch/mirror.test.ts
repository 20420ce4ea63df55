import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mirror } from "../../../client/watch/mirror.js";
import { diff } from "../../../shared/json/diff.js";

interface Count {
  readonly count: number;
}

const isCount = (value: unknown) => Number.isFinite((value as Count).count);
const mirror = () => new Mirror<Count>(isCount);
const at = (revision: number, epoch = "e1") => ({ epoch, revision });
const to = (base: number, revision: number, epoch = "e1") => ({
  epoch,
  base,
  revision,
  patch: diff({ count: base }, { count: revision }),
});

describe("a mirror", () => {
  it("moves along with snapshot and changes", () => {
    const one = mirror();
    expect(one.snapshot(at(3), { count: 3 })).toBe("moved");
    expect(one.changed(to(3, 4))).toBe("moved");
    expect(one.changed(to(4, 9))).toBe("moved");
    expect(one.state).toEqual({ count: 9 });
    expect(one.position).toEqual(at(9));
  });

  it("a mirror takes nothing twice", () => {
    const one = mirror();
    one.snapshot(at(3), { count: 3 });
    one.changed(to(3, 4));
    const { state } = one;
    expect(one.changed(to(3, 4))).toBe("same");
    expect(one.changed(to(2, 3))).toBe("older");
    expect(one.snapshot(at(4), { count: 4 })).toBe("same");
    expect(one.resumed(at(4))).toBe("same");
    expect(one.state).toBe(state);
  });

  it("a mirror shows nothing older of the same epoch, and says that it is older", () => {
    const one = mirror();
    one.snapshot(at(7), { count: 7 });
    expect(one.snapshot(at(5), { count: 5 })).toBe("older");
    expect(one.changed(to(5, 6))).toBe("older");
    expect(one.resumed(at(6))).toBe("older");
    expect(one.state).toEqual({ count: 7 });
    expect(one.position).toEqual(at(7));
  });

  it("a mirror that waits for a snapshot shows no older one either", () => {
    const one = mirror();
    one.snapshot(at(7), { count: 7 });
    one.resumed(at(9));
    expect(one.snapshot(at(5), { count: 5 })).toBe("older");
    expect(one.changed(to(5, 6))).toBe("older");
    expect(one.changed(to(6, 7))).toBe("gap");
    expect(one.snapshot(at(9), { count: 9 })).toBe("moved");
  });

  it("a mirror takes another epoch at whatever revision", () => {
    const one = mirror();
    one.snapshot(at(7), { count: 7 });
    expect(one.snapshot(at(1, "e2"), { count: 1 })).toBe("moved");
    expect(one.position).toEqual(at(1, "e2"));
  });

  it.each([
    ["a change that starts later", to(5, 6)],
    ["a change that starts before and ends after", to(1, 6)],
    ["a change of another life", to(3, 4, "e2")],
  ])("sees a gap in %s, and goes on from where it stands", (_, change) => {
    const one = mirror();
    one.snapshot(at(3), { count: 3 });
    expect(one.changed(change)).toBe("gap");
    expect(one.position).toEqual(at(3));
    expect(one.state).toEqual({ count: 3 });
  });

  it.each([
    ["does not fit", [{ op: "replace", path: "/missing", value: 1 } as const]],
    ["leads to nonsense", [{ op: "replace", path: "/count", value: "many" } as const]],
  ])("wants a snapshot after a patch that %s, and shows none of it", (_, patch) => {
    const one = mirror();
    one.snapshot(at(3), { count: 3 });
    expect(one.changed({ epoch: "e1", base: 3, revision: 4, patch })).toBe("broken");
    expect(one.position).toBeNull();
    expect(one.state).toEqual({ count: 3 });
    expect(one.snapshot(at(3), { count: 3 })).toBe("moved");
    expect(one.position).toEqual(at(3));
  });

  it("wants a snapshot when it is resumed elsewhere than it stands", () => {
    const one = mirror();
    one.snapshot(at(3), { count: 3 });
    expect(one.resumed(at(4))).toBe("broken");
    expect(one.position).toBeNull();
  });

  it("a mirror never goes back, never doubles and notices each gap, whatever comes in whatever order", () => {
    const revision = fc.integer({ min: 1, max: 12 });
    const frame = fc.oneof(
      fc.record({ kind: fc.constant("snapshot" as const), revision }),
      fc.record({ kind: fc.constant("resumed" as const), revision }),
      fc
        .tuple(revision, revision)
        .filter(([base, revision]) => base < revision)
        .map(([base, revision]) => ({ kind: "changed" as const, base, revision })),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 40 }), (frames) => {
        const one = mirror();
        let shown = 0;
        for (const frame of frames) {
          const before = one.position?.revision ?? null;
          const shownBefore = shown;
          const outcome =
            frame.kind === "snapshot"
              ? one.snapshot(at(frame.revision), { count: frame.revision })
              : frame.kind === "resumed"
                ? one.resumed(at(frame.revision))
                : one.changed(to(frame.base, frame.revision));
          // The content always belongs to the revision: a change applied to the wrong base would show here.
          if (one.state) expect(one.state.count).toBe(one.shown?.revision);
          const now = one.state?.count ?? 0;
          expect(now).toBeGreaterThanOrEqual(shown);
          shown = now;
          if (frame.kind === "changed") {
            const fits = before !== null && frame.base === before;
            const known = frame.revision === before ? "same" : fits ? "moved" : "gap";
            expect(outcome).toBe(frame.revision < shownBefore ? "older" : known);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

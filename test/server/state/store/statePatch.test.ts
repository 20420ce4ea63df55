/** A patch between two states, which several ask for. */
import { describe, expect, it } from "vitest";
import { patchText, statePatch } from "../../../../server/state/store/statePatch.js";
import { stateOf } from "../../../support/disks/records.js";

describe("the patch between two states", () => {
  it("a patch is made once, and written once as text, whoever asks for it", () => {
    const before = stateOf();
    const after = { ...before, current_step: 1 };
    const patch = statePatch(before, after);
    expect(patch).toEqual([{ op: "replace", path: "/current_step", value: 1 }]);
    expect(statePatch(before, after)).toBe(patch);
    expect(patchText(patch)).toBe(JSON.stringify(patch));
    expect(patchText(patch)).toBe(JSON.stringify(patch));
  });

  it("a state has another patch from another state before it", () => {
    const after = stateOf({ current_step: 2 });
    expect(statePatch(stateOf({ current_step: 2 }), after)).toEqual([]);
    expect(statePatch(stateOf({ current_step: 1 }), after)).toHaveLength(1);
    expect(statePatch(stateOf({ current_step: 2 }), after)).toEqual([]);
  });
});

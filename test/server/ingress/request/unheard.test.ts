/** Ids that nobody here knows: the store is asked for them once, and only where it may know more. */
import { describe, expect, it } from "vitest";
import { Unheard } from "../../../../server/ingress/request/unheard.js";
import type { Command } from "../../../../shared/schema/command.js";

function world({ isShared = true } = {}) {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const hear = (id: string) => {
    asked.push(id);
    return new Promise<void>((resolve) => void answers.push(resolve));
  };
  const workflows = { find: (id: string) => (id === "here" ? ({} as never) : null) };
  return { asked, answers, unheard: new Unheard(workflows, isShared ? { hear } : {}) };
}

describe("an id that nobody here knows", () => {
  it("an id is asked for where another server may have made it, and not where it is known or means another", () => {
    const { asked, unheard } = world();
    for (const id of ["here", "current", "*", "no id!", "", undefined, null])
      expect(unheard.of(id)).toBeNull();
    expect(unheard.of("there")).not.toBeNull();
    expect(asked).toEqual(["there"]);
    expect(world({ isShared: false }).unheard.of("there")).toBeNull();
  });

  it("an id that many name at once is asked for once, and again for those who come later", async () => {
    const { asked, answers, unheard } = world();
    const first = unheard.of("there");
    expect(unheard.of("there")).toBe(first);
    answers[0]!();
    await first;
    unheard.of("there");
    expect(asked).toEqual(["there", "there"]);
  });

  it("no more than 64 ids are asked for at once: of what comes beyond, the server says what it knows", () => {
    const { asked, unheard } = world();
    for (let i = 0; i < 100; i++) unheard.of(`w${i}`);
    expect(asked.length).toBe(64);
    expect(unheard.of("w99")).toBeNull();
  });

  it("a command asks for the workflow that it is about, but for one that begins it", () => {
    const commands: [Command, boolean][] = [
      [{ kind: "clear", workflow_id: "there" }, true],
      [{ kind: "retry", workflow_id: "there" }, true],
      [{ kind: "step", workflow_id: "there", index: 0, update: {} }, true],
      [{ kind: "save", merge: true, state: { workflow_id: "there" } }, true],
      [{ kind: "save", state: { workflow_id: "there" } }, false],
      [{ kind: "start", workflow_id: "there", name: "deploy" }, false],
      [{ kind: "stop" }, false],
    ];
    for (const [command, isAsked] of commands)
      expect([command.kind, world().unheard.ofCommand(command) !== null]).toEqual([
        command.kind,
        isAsked,
      ]);
  });

  it("a frame and an address ask for the workflow that they name", () => {
    const { unheard } = world();
    expect(unheard.ofMessage({ type: "subscribe", workflow_id: "there" })).not.toBeNull();
    expect(unheard.ofMessage({ type: "unsubscribe", workflow_id: "there" })).toBeNull();
    expect(unheard.ofAddress("/workflow/state?wait=1s&workflow_id=there")).not.toBeNull();
    expect(unheard.ofAddress("/workflow/state?workflow_id=here")).toBeNull();
    expect(unheard.ofAddress("/workflow/state")).toBeNull();
  });
});

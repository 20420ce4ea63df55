/** The user in a command's words: the one who is known, else whoever the command says itself. */
import { describe, expect, it } from "vitest";
import { saidBy } from "../../../../server/ingress/access/said.js";
import type { Command } from "../../../../shared/schema/command.js";

const id = { workflow_id: "w" };

describe("a command of a known user", () => {
  it.each<[Command, object]>([
    [{ kind: "start", name: "deploy", by: "root" }, { by: "ann" }],
    [{ kind: "stop", ...id }, { by: "ann" }],
    [{ kind: "answer", ...id, answer: {}, by: "root" }, { by: "ann" }],
    [{ kind: "resume", ...id }, { by: "ann" }],
    [{ kind: "retry", ...id, by: "root" }, { by: "ann" }],
    [{ kind: "claim", ...id, driver: "build.py" }, { driver: "ann (build.py)" }],
    [{ kind: "claim", ...id, driver: "ann" }, { driver: "ann" }],
    [{ kind: "release", ...id }, {}],
    [{ kind: "clear", ...id }, {}],
  ])("%j says so", (command, said) => {
    expect(saidBy("ann", command)).toEqual({ ...command, ...said });
    expect(saidBy(null, command)).toBe(command);
  });
});

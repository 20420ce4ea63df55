/** Tokens and their bounds, as tables: which token counts, and what one that is bound to `deploy-*` may ask for. */
import { describe, expect, it } from "vitest";
import { Grants } from "../../../../server/ingress/access/grants.js";
import { checkCommand, checkSubject } from "../../../../server/ingress/access/within.js";
import { EVERYTHING, Scope } from "../../../../server/state/scope.js";
import { SyncError } from "../../../../shared/errors.js";
import { CURRENT, LIST } from "../../../../shared/names.js";
import type { Command } from "../../../../shared/schema/command.js";

const BOUND = new Scope(["deploy-*"]);
const codeOf = (run: () => void): string => {
  try {
    run();
    return "allowed";
  } catch (error) {
    return error instanceof SyncError ? error.code : String(error);
  }
};

describe("the subjects of a bound token", () => {
  it.each(["deploy-1", "deploy-", LIST, CURRENT])("the subject %s is allowed", (subject) => {
    expect(codeOf(() => checkSubject(BOUND, subject))).toBe("allowed");
  });

  it.each(["build-1", "deploy", "xdeploy-1"])("the subject %s is forbidden", (subject) => {
    expect(codeOf(() => checkSubject(BOUND, subject))).toBe("forbidden");
    expect(codeOf(() => checkSubject(EVERYTHING, subject))).toBe("allowed");
  });
});

describe("the commands of a bound token", () => {
  const step = { kind: "step", index: 0, update: {} };
  it.each([
    [{ kind: "save", state: { workflow_id: "deploy-1" } }, "allowed"],
    [{ kind: "save", state: { workflow_id: "build-1" } }, "forbidden"],
    [{ kind: "save", state: { name: "x" } }, "forbidden"],
    [{ ...step, workflow_id: "deploy-1" }, "allowed"],
    [step, "forbidden"],
    [{ kind: "clear" }, "forbidden"],
    [{ kind: "clear", workflow_id: "deploy-1" }, "allowed"],
    [{ kind: "start", definition: "d" }, "forbidden"],
    [{ kind: "retry", workflow_id: "deploy-1" }, "forbidden"],
  ])("%j is %s, and allowed without bounds", (command, verdict) => {
    expect(codeOf(() => checkCommand(BOUND, command as Command))).toBe(verdict);
    expect(codeOf(() => checkCommand(EVERYTHING, command as Command))).toBe("allowed");
  });
});

describe("the tokens that count", () => {
  const drive = { token: "a-token-that-drives", can: "drive" } as const;
  const watch = { token: "a-token-that-watches", can: "watch" } as const;

  it("a server without tokens is open to everybody, until it is given some", () => {
    const grants = new Grants([]);
    const { open } = grants;
    let isOver = false;
    open?.whenOver(() => {
      isOver = true;
    });
    expect(open?.can).toEqual(["watch", "drive"]);
    grants.set([drive]);
    expect([grants.open, isOver]).toEqual([null, true]);
  });

  it("a token keeps its grant for as long as nothing about it changes", () => {
    const grants = new Grants([drive, watch]);
    const before = grants.find(drive.token);
    grants.set([drive]);
    expect(grants.find(drive.token)).toBe(before);
    grants.set([{ ...drive, can: "watch" }]);
    expect([before?.isOver, grants.find(drive.token)?.can]).toEqual([true, ["watch"]]);
  });

  it("a removed token counts no more, and is remembered as no guess", () => {
    const grants = new Grants([drive, watch]);
    grants.set([drive]);
    expect(grants.find(watch.token)).toBeNull();
    expect([grants.wasKnown(watch.token), grants.wasKnown("a guess")]).toEqual([true, false]);
  });
});

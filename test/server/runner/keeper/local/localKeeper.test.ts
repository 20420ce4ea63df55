import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { keep } from "./keeping.js";

describe("a command in the hands of a keeper", () => {
  test("its output and its end are told as they are", async () => {
    const { keeper, output, folder } = keep("echo out; echo err >&2; echo again; exit 7");
    expect((await keeper.begun)?.pid).toBeGreaterThan(1);
    expect(await output()).toBe("out\nerr\nagain\n");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 7, endedBy: null });
    await keeper.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test("a signal that ended it has its name", async () => {
    const { keeper } = keep("kill -TERM $$");
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: null, endedBy: "SIGTERM" });
  });
});

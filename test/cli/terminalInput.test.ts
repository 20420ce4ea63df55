/** Lines typed in a terminal: each question gets what was typed for it, and nothing that was typed before. */
import { PassThrough } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { describe, expect, test } from "vitest";
import { terminalInput } from "../../server/cli/terminalInput.js";
import { manualClock } from "../support/manualClock.js";
import { settled } from "../support/settled.js";

function terminal() {
  const clock = manualClock();
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const input = terminalInput(
    stdin as unknown as ReadStream,
    output as unknown as WriteStream,
    clock,
    () => {},
  );
  const turn = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await settled();
  };
  return {
    input,
    type: async (text: string) => {
      stdin.write(text);
      await turn();
    },
    /** Until the question is shown. */
    shown: async () => {
      clock.advance(1_000);
      await turn();
    },
    screen: () => String(output.read() ?? ""),
  };
}

describe("a question in a terminal", () => {
  test("is not answered by what was typed before it", async () => {
    const { input, type, shown, screen } = terminal();
    await type("y\r");
    const answer = input.line("Erase the disk? ", { isFresh: true });
    await type("yes, do\r");
    await shown();
    expect(screen()).toContain("Erase the disk? ");
    await type("no\r");
    expect(await answer).toBe("no");
  });

  test("gets nothing of what was begun for the one before, least of all a secret", async () => {
    const { input, type, shown, screen } = terminal();
    const over = new AbortController();
    const first = input.line("Password: ", {
      isHidden: true,
      isFresh: true,
      signal: over.signal,
    });
    await shown();
    await type("hunter22");
    over.abort();
    expect(await first).toBeNull();
    const second = input.line("Comment: ", { isFresh: true });
    await shown();
    await type("ok\r");
    expect(await second).toBe("ok");
    expect(screen()).not.toContain("hunter");
  });

  test("that is part of one before keeps what was typed ahead", async () => {
    const { input, type } = terminal();
    const name = input.line("Name: ");
    await type("Ada\rLovelace\r");
    expect(await name).toBe("Ada");
    expect(await input.line("Surname: ")).toBe("Lovelace");
  });
});

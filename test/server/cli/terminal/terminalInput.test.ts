/** Lines typed in a terminal: each question gets what was typed for it, and nothing that was typed before. */
import { PassThrough } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { describe, expect, test } from "vitest";
import { terminalInput } from "../../../../server/cli/terminal/terminalInput.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";

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
  test("a question in a terminal is not answered by what was typed before it", async () => {
    const { input, type, shown, screen } = terminal();
    await type("y\r");
    const answer = input.line("Erase the disk? ", { isFresh: true });
    await type("yes, do\r");
    await shown();
    expect(screen()).toContain("Erase the disk? ");
    await type("no\r");
    expect(await answer).toBe("no");
  });

  test("a question in a terminal gets nothing of what was begun for the one before, least of all a secret", async () => {
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

  test("a question in a terminal that is part of one before keeps what was typed ahead", async () => {
    const { input, type } = terminal();
    const name = input.line("Name: ");
    await type("Ada\rLovelace\r");
    expect(await name).toBe("Ada");
    expect(await input.line("Surname: ")).toBe("Lovelace");
  });

  test("a question in a terminal takes several lines that are pasted as one answer, and the next question none of them", async () => {
    const { input, type, screen } = terminal();
    const key = input.line("Key: ", { isHidden: true });
    await type("\u001b[200~-----BEGIN-----\nabc\n-----END-----\n\u001b[201~");
    const name = key.then(() => input.line("Name: "));
    await type("\r");
    expect(await key).toBe("-----BEGIN-----\nabc\n-----END-----\n");
    await type("Ada\r");
    expect(await name).toBe("Ada");
    expect(screen()).not.toContain("abc");
  });

  test("a question in a terminal takes one line that is pasted without the line end that came along", async () => {
    const { input, type } = terminal();
    const token = input.line("Token: ");
    await type("\u001b[200~t0ken\n\u001b[201~");
    await type("\r");
    expect(await token).toBe("t0ken");
    const empty = input.line("Comment: ");
    await type("\r");
    expect(await empty).toBe("");
  });

  test("a question in a terminal asks the terminal to mark what is pasted for as long as it stands", async () => {
    const { input, type, screen } = terminal();
    const answer = input.line("Go? ");
    await type("y\r");
    await answer;
    const shown = screen();
    expect(shown.startsWith("\u001b[?2004hGo? ")).toBe(true);
    expect(shown.endsWith("\u001b[?2004l")).toBe(true);
  });
});

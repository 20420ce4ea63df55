/** Lines of standard input: asked for in a terminal, just read from a pipe. Nothing is read before somebody asks. */
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import type { Input } from "./context.js";

/** `interrupt`: a terminal that lines are read from hands us Ctrl-C as a key. */
export function terminalInput(stdin: ReadStream, shown: WriteStream, interrupt: () => void): Input {
  const isTTY = stdin.isTTY === true;
  let lines: Interface | null = null;
  let isHidden = false;
  let isOver = false;
  const waiting: string[] = [];
  let heard = () => {};

  const open = (): Interface => {
    if (lines) return lines;
    // What is typed comes back through here, and a secret does not.
    const echo = new Writable({
      write(chunk, _encoding, done) {
        if (!isHidden) shown.write(chunk as Buffer);
        done();
      },
    });
    lines = createInterface({ input: stdin, output: echo, terminal: isTTY });
    lines.on("line", (line) => {
      waiting.push(line);
      heard();
    });
    lines.on("close", () => {
      isOver = true;
      heard();
    });
    lines.on("SIGINT", interrupt);
    return lines;
  };

  return {
    isTTY,
    async line(question, { isHidden: hides = false, signal } = {}) {
      open();
      if (isTTY) shown.write(question);
      isHidden = hides && isTTY;
      const wake = () => heard();
      signal?.addEventListener("abort", wake, { once: true });
      while (waiting.length === 0 && !isOver && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      if (isHidden) shown.write("\n");
      isHidden = false;
      signal?.removeEventListener("abort", wake);
      if (signal?.aborted) return null;
      return waiting.shift() ?? null;
    },
  };
}

/** Lines of standard input: asked for in a terminal, just read from a pipe. Nothing is read before somebody asks. */
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import type { Clock } from "../../../shared/clock.js";
import type { Input } from "../process/context.js";

/** A terminal hands over what was typed ahead a moment after it is read from. */
const TYPED_AHEAD_MS = 50;

/** Asks a terminal to say where a paste begins and ends: its line ends are a part of what is pasted, and no answers. */
const MARKS_PASTES = "\u001b[?2004h";
const MARKS_NO_PASTES = "\u001b[?2004l";

/** `interrupt`: a terminal that lines are read from hands us Ctrl-C as a key. */
export function terminalInput(
  stdin: ReadStream,
  shown: WriteStream,
  clock: Clock,
  interrupt: () => void,
): Input {
  const isTTY = stdin.isTTY === true;
  let lines: Interface | null = null;
  let isHidden = false;
  let isOver = false;
  const waiting: string[] = [];
  let isPasting = false;
  /** Lines that were pasted for the answer that is not given yet. */
  let pasted: string[] = [];
  let heard = () => {};

  const open = (): Interface => {
    if (lines) return lines;
    // The echo of what is typed goes through here; that of a secret is dropped.
    const echo = new Writable({
      write(chunk, _encoding, done) {
        if (!isHidden) shown.write(chunk as Buffer);
        done();
      },
    });
    lines = createInterface({ input: stdin, output: echo, terminal: isTTY });
    stdin.on("keypress", (_, key: { readonly name?: string } | undefined) => {
      if (key?.name === "paste-start") isPasting = true;
      if (key?.name === "paste-end") isPasting = false;
    });
    lines.on("line", (line) => {
      pasted.push(line);
      if (isPasting) return;
      waiting.push(wholeOf(pasted));
      pasted = [];
      heard();
    });
    lines.on("close", () => {
      isOver = true;
      heard();
    });
    lines.on("SIGINT", () => {
      shown.write(MARKS_NO_PASTES);
      interrupt();
    });
    return lines;
  };

  /** Also what was begun for a question that is over: it may be a secret. */
  const forgetTyped = async (reader: Interface) => {
    isHidden = true;
    await new Promise<void>((resolve) => void clock.after(TYPED_AHEAD_MS, resolve));
    waiting.length = 0;
    pasted = [];
    if (!isOver) {
      reader.write(null, { ctrl: true, name: "e" });
      reader.write(null, { ctrl: true, name: "u" });
    }
    isHidden = false;
  };

  return {
    isTTY,
    async line(question, { isHidden: hides = false, isFresh = false, signal } = {}) {
      const reader = open();
      if (isTTY && isFresh) await forgetTyped(reader);
      if (signal?.aborted) return null;
      if (isTTY) shown.write(MARKS_PASTES + question);
      isHidden = hides && isTTY;
      const wake = () => heard();
      signal?.addEventListener("abort", wake, { once: true });
      while (waiting.length === 0 && !isOver && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      if (isTTY) shown.write(MARKS_NO_PASTES);
      if (isHidden) shown.write("\n");
      isHidden = false;
      signal?.removeEventListener("abort", wake);
      if (signal?.aborted) return null;
      return waiting.shift() ?? null;
    },
  };
}

/** The line end that copying leaves behind one line is none of it; several lines are kept as they are. */
function wholeOf(lines: readonly string[]): string {
  const given = lines.filter((line) => line !== "");
  return given.length === 1 ? given[0]! : lines.join("\n");
}

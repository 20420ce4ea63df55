/** The commands at work when the server is told to stop: who decides about them, and who is asked. */
import { expect, it } from "vitest";
import type { EndSignal } from "../../../../server/cli/process/context.js";
import { signalQueue } from "../../../../server/cli/process/signalQueue.js";
import { commandsAtStop } from "../../../../server/cli/serve/commandsAtStop.js";
import type { OnStop, StepAtWork } from "../../../../server/server.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const step = (index: number, survives = true): StepAtWork => ({
  ...{ workflow_id: "w", index, action: `step-${index}`, survives },
});

interface Terminal {
  /** Each line that is typed; where there is none, nobody answers. */
  readonly typed?: readonly (string | null)[];
  readonly isTTY?: boolean;
  readonly isOurs?: boolean;
}

function stop(
  first: EndSignal,
  {
    atWork = [step(0), step(1)] as readonly StepAtWork[],
    onStop = null as OnStop | null,
    mayAsk = true,
  } = {},
  { typed = [], isTTY = true, isOurs = true }: Terminal = {},
) {
  const clock = manualClock();
  const questions: string[] = [];
  const lines = [...typed];
  let send: (signal: EndSignal) => void = () => {};
  const stderr = {
    ...{ write: () => {}, drained: async () => {}, outliveReader: () => {} },
    ...{ isTTY, columns: 80, rows: 24 },
  };
  const input = {
    isTTY,
    isOurs: () => isOurs,
    line: async (question: string, { signal }: { signal?: AbortSignal | undefined } = {}) => {
      questions.push(question);
      if (lines.length > 0) return lines.shift()!;
      await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
      return null;
    },
  };
  const onSignal = (listener: (signal: EndSignal) => void) => {
    send = listener;
    return () => {};
  };
  const signals = signalQueue({ clock, onSignal });
  const decided = commandsAtStop(
    { first, onStop, atWork, signals, mayAsk },
    { clock, input, stderr },
  );
  return { decided, clock, questions, signals, send: (signal: EndSignal) => send(signal) };
}

it.each([
  ["SIGTERM", "keep"],
  ["SIGHUP", "keep"],
] as const)("%s keeps the commands, without a question", async (signal, way) => {
  const { decided, questions } = stop(signal);
  expect(await decided).toBe(way);
  expect(questions).toEqual([]);
});

it.each(["keep", "end"] as const)("--on-stop %s decides for every signal", async (onStop) => {
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
    const { decided, questions } = stop(signal, { onStop });
    expect(await decided).toBe(onStop);
    expect(questions).toEqual([]);
  }
});

it.each([
  ["nothing is at work", { atWork: [] }, {}],
  ["nothing at work outlives the server", { atWork: [step(0, false)] }, {}],
  ["there is no terminal", {}, { isTTY: false }],
  ["the terminal is another program's now", {}, { isOurs: false }],
  ["a program started it", { mayAsk: false }, {}],
] as const)("Ctrl-C ends the commands without a question where %s", async (_, of, terminal) => {
  const { decided, questions } = stop("SIGINT", of, terminal);
  expect(await decided).toBe("end");
  expect(questions).toEqual([]);
});

it.each([
  [["e"], "end"],
  [["End "], "end"],
  [["l"], "keep"],
  [["leave"], "keep"],
  [["", "what?", "L"], "keep"],
  [[null], "end"],
] as const)("Ctrl-C in a terminal asks; the lines %j mean: %s", async (typed, way) => {
  const { decided, questions } = stop("SIGINT", {}, { typed });
  expect(await decided).toBe(way);
  expect(questions).toHaveLength(typed.length);
  expect(questions[0]).toBe(
    "2 commands are at work: end them, or leave them to the next server? [e]nd/[l]eave ",
  );
});

it("one command at work is asked about as one, whatever ends with the server beside it", async () => {
  const { decided, questions } = stop(
    "SIGINT",
    { atWork: [step(0), step(1, false)] },
    { typed: ["l"] },
  );
  expect(await decided).toBe("keep");
  expect(questions[0]).toContain("1 command is at work: end it, or leave it to the next server?");
});

it("a question that nobody answers ends the commands after ten seconds", async () => {
  const { decided, clock } = stop("SIGINT");
  clock.advance(10_000);
  expect(await decided).toBe("end");
});

it.each([
  ["SIGINT", "end"],
  ["SIGTERM", "keep"],
  ["SIGHUP", "keep"],
] as const)("%s while the question stands decides: %s", async (signal, way) => {
  const { decided, send, clock } = stop("SIGINT");
  clock.advance(1_000);
  send(signal);
  expect(await decided).toBe(way);
});

it("a signal after the answer is for whoever waits next", async () => {
  const { decided, send, signals } = stop("SIGINT", {}, { typed: ["l"] });
  expect(await decided).toBe("keep");
  send("SIGTERM");
  expect(await signals.next()).toBe("SIGTERM");
});

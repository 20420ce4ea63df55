/** Decides what becomes of the commands at work when `instep serve` is told to stop: the setting, the signal, or the person at the terminal. */
import { counted } from "../../../shared/text/counted.js";
import type { OnStop, StepAtWork } from "../../server.js";
import type { CliContext, EndSignal } from "../process/context.js";
import type { SignalQueue } from "../process/signalQueue.js";

/** Without an answer they are ended: whoever pressed Ctrl-C wanted it to stop. */
const ANSWER_MS = 10_000;

interface Stopping {
  readonly first: EndSignal;
  readonly onStop: OnStop | null;
  readonly atWork: readonly StepAtWork[];
  readonly signals: Pick<SignalQueue, "next">;
  /** Nobody is asked where a program started it. */
  readonly mayAsk: boolean;
}

export async function commandsAtStop(
  { first, onStop, atWork, signals, mayAsk }: Stopping,
  context: Pick<CliContext, "clock" | "input" | "stderr">,
): Promise<OnStop> {
  if (onStop !== null) return onStop;
  if (first !== "SIGINT") return "keep";
  const { length: count } = atWork.filter(({ survives }) => survives);
  const { input, stderr } = context;
  const isAsked = mayAsk && count > 0 && input.isTTY && stderr.isTTY && input.isOurs?.() !== false;
  return isAsked ? ask(count, signals, context) : "end";
}

async function ask(
  count: number,
  signals: Stopping["signals"],
  { clock, input, stderr }: Pick<CliContext, "clock" | "input" | "stderr">,
): Promise<OnStop> {
  const over = new AbortController();
  const cancel = clock.after(ANSWER_MS, () => over.abort());
  const again = signals.next(over.signal).then((signal): OnStop => {
    over.abort();
    // A terminal that is closed meanwhile says nothing about the commands.
    return signal === null || signal === "SIGINT" ? "end" : "keep";
  });
  try {
    const them = count === 1 ? "it" : "them";
    const atWork = `${counted(count, "command is", "commands are")} at work`;
    const question = `${atWork}: end ${them}, or leave ${them} to the next server? [e]nd/[l]eave `;
    for (let isFresh = true; ; isFresh = false) {
      const line = await input.line(question, { signal: over.signal, isFresh });
      if (over.signal.aborted) stderr.write("\n");
      if (line === null) break;
      const word = line.trim().toLowerCase();
      if (word !== "" && "end".startsWith(word)) return "end";
      if (word !== "" && "leave".startsWith(word)) return "keep";
    }
    return over.signal.aborted ? await again : "end";
  } finally {
    cancel();
    over.abort();
  }
}

/** The move of all workflows from one side to the other: cut short wherever it may be, one side is whole, and the same move said again goes on. */
import { randomUUID } from "node:crypto";
import type { MoveMark } from "../../state/store/moveMark.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { type Contents, type Counts, countsOf, differenceOf, sizeOf } from "./contents.js";
import { asOfFolder, asOfNode } from "./settled.js";
import type { Side } from "./side.js";

/** The outcome of a move. */
export interface Moved {
  readonly counts: Counts;
  /** The place where the source keeps what it had; null where it keeps nothing. */
  readonly kept: string | null;
  /** An earlier call had copied everything, and this one took away what was left. */
  readonly wasCopied: boolean;
}

/** `node`: the one whose data folder the source is, where that is a folder. Rejects with CliError; then the source is as it was, or has been copied whole. */
export async function move(from: Side, to: Side, node: string): Promise<Moved> {
  const [left, begun] = [await from.mark(), await to.mark()];
  checkMarks(from, to, left, begun);
  await from.checkRest();
  if (left?.isCopied) return finish(from, to, begun);
  await to.checkRest();
  const contents = await from.read();
  if (sizeOf(contents) === 0 && begun === null)
    throw new CliError(ExitCode.failed, `${from.name} holds no workflows: nothing was moved.`);
  const id = left?.id ?? randomUUID();
  if (begun === null) await checkEmpty(to);
  // Of the source first: whoever finds the target's half finds there whose it is.
  const source: MoveMark = { id, part: "source", isCopied: false, other: to.name };
  const target: MoveMark = { id, part: "target", isCopied: false, other: from.name };
  await from.setMark(source);
  await to.setMark(target);
  if (begun !== null) {
    await to.wipe();
    // A deletion of ours that comes late does nothing any more.
    await to.setMark(target);
  }
  const wanted = to.kind === "etcd" ? asOfNode(contents, node) : asOfFolder(contents);
  await to.write(wanted);
  checkSame(wanted, await to.read(), `${to.name} does not hold what was written to it`);
  checkSame(contents, await from.read(), `${from.name} has changed meanwhile`);
  await from.checkRest();
  await to.checkRest();
  await from.setMark({ ...source, isCopied: true });
  try {
    // From here on none begins; one that began a moment ago is seen now.
    await from.checkRest();
  } catch (error) {
    await from.setMark(source);
    throw error;
  }
  await to.setMark(null);
  const kept = await from.leave();
  await from.setMark(null);
  return { counts: countsOf(wanted), kept, wasCopied: false };
}

/** Everything is on the other side already: it may have been opened there, and have gone on. */
async function finish(from: Side, to: Side, begun: MoveMark | null): Promise<Moved> {
  if (begun !== null) await to.setMark(null);
  const kept = await from.leave();
  await from.setMark(null);
  return { counts: countsOf(await to.read()), kept, wasCopied: true };
}

function checkMarks(from: Side, to: Side, left: MoveMark | null, begun: MoveMark | null): void {
  for (const [side, mark] of [
    [from, left],
    [to, begun],
  ] as const) {
    if (mark?.part !== "renewal") continue;
    throw new CliError(
      ExitCode.failed,
      `The workflows of ${side.name} are half renewed: say instep migrate --renew ${side.name} again first.`,
    );
  }
  if (left?.part === "target") throw halfMoved(from, left);
  const isOther = begun !== null && (begun.part !== "target" || begun.id !== left?.id);
  if (isOther) throw halfMoved(to, begun);
}

function halfMoved(side: Side, { part, other }: MoveMark): CliError {
  const way =
    part === "target" ? `--from ${other} --to ${side.name}` : `--from ${side.name} --to ${other}`;
  return new CliError(
    ExitCode.failed,
    `Another move of ${side.name} was cut short: say instep migrate ${way} again first.`,
  );
}

async function checkEmpty(to: Side): Promise<void> {
  const counts = countsOf(await to.read());
  const { in_view, history, traces } = counts;
  if (in_view + history + traces === 0) return;
  throw new CliError(
    ExitCode.failed,
    `${to.name} holds workflows already: ${in_view} in view, ${history} in the history, traces of ${traces}. Nothing was moved: clear them there first, or name another place.`,
  );
}

function checkSame(wanted: Contents, found: Contents, what: string): void {
  const difference = differenceOf(wanted, found);
  if (difference === null) return;
  throw new CliError(
    ExitCode.failed,
    `${what}: ${difference} differs. Nothing was taken away; say the move again.`,
  );
}

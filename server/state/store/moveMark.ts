/** The mark that a move of workflows leaves on both its sides while it is under way: it tells a later one where the first was cut short. */
import * as z from "zod";

/** The mark's file in a data folder. */
export const MOVE_FILE = "instep.move";
/** The mark's key in etcd, below the prefix. */
export const MOVE_KEY = "move";

const MoveMark = z.object({
  /** The same on both sides of one move. */
  id: z.string().min(1).max(100),
  /** `renewal`: nothing is moved, the records of this side begin new epochs. `restore`: a backup is copied in, which `other` names. */
  part: z.enum(["source", "target", "renewal", "restore"]),
  /** Of a source: the target has everything, and what is left here is to be taken away. */
  isCopied: z.boolean(),
  /** The other side, as it was named. */
  other: z.string().max(4_000),
});
export type MoveMark = z.infer<typeof MoveMark>;

/** This side holds a part of the workflows only, or workflows that are elsewhere by now. */
export class MoveUnfinished extends Error {
  override readonly name = "MoveUnfinished";
}

export const encodeMark = (mark: MoveMark): string => `${JSON.stringify(mark)}\n`;

/** Throws on anything but a mark: nobody knows then what this side holds. */
export function decodeMark(text: string, place: string): MoveMark {
  try {
    return MoveMark.parse(JSON.parse(text));
  } catch {
    throw new MoveUnfinished(`The mark of a move of workflows at ${place} cannot be read.`);
  }
}

/** Throws MoveUnfinished where a server that begins on this side would serve half of its workflows, or ones that have gone on elsewhere. `text`: the mark, null for none. */
export function refuseHalf(text: string | null, place: string): void {
  if (text === null) return;
  const { part, isCopied, other } = decodeMark(text, place);
  if (part === "renewal")
    throw new MoveUnfinished(
      `The workflows at ${place} were being given new epochs, and that was cut short. Say instep migrate --renew ${place} again.`,
    );
  if (part === "restore")
    throw new MoveUnfinished(
      `A restore of ${other} to ${place} is under way, or was cut short. Empty ${place}, and say instep restore again.`,
    );
  if (part === "target")
    throw new MoveUnfinished(
      `A move of workflows from ${other} to ${place} is under way, or was cut short. Say instep migrate --from ${other} --to ${place} again.`,
    );
  if (isCopied)
    throw new MoveUnfinished(
      `The workflows at ${place} were moved to ${other}; what is left here is to be taken away. Say instep migrate --from ${place} --to ${other} again.`,
    );
}

/** The port to a command in the hands of its keeper, a process that outlives this one, on this machine or another: reads it, ends it, forgets it. */
import type { CommandEnding, GroupEndingOptions } from "../process/groupEnding.js";

/** A place in what a command printed, as it was printed: a byte of one of the pieces that its keeper wrote, the first of them 1. */
export interface SpoolPlace {
  readonly segment: number;
  readonly at: number;
}

export const SPOOL_BEGIN: SpoolPlace = { segment: 1, at: 0 };

/** Some of what a command printed. */
export interface SpoolPiece {
  /** All of them lie in one segment. */
  readonly bytes: Buffer;
  /** The place of its first byte. */
  readonly from: SpoolPlace;
  /** The place behind it. */
  readonly next: SpoolPlace;
  /** So many bytes before it are left out: nobody took them in time. */
  readonly leftOut: number;
}

/** Where a command runs. */
export interface KeptProcess {
  /** Its machine's name. */
  readonly machine: string;
  readonly pid: number;
  /** When it began, in UTC. */
  readonly since: string;
  /** Something about that machine that whoever reads its output should know, as a sentence without its end. */
  readonly notice?: string;
}

export type KeptEnd =
  | {
      readonly kind: "ended";
      /** Null where a signal ended it. */
      readonly exitCode: number | null;
      readonly endedBy: string | null;
      /** In ms since 1970. */
      readonly at: number;
    }
  /** It is gone, and nobody knows how it ended: its keeper was killed, or its machine lost power. */
  | { readonly kind: "lost"; readonly why: string }
  /** Its guard has ended it, as its node could not reach the cluster any more, or has not let it begin. */
  | { readonly kind: "cut off" }
  /** Nothing of it ever ran, and nothing will. */
  | { readonly kind: "never began"; readonly why: string };

/** The link to the machine on which a command runs, where that is another one. */
export interface LinkNews {
  /** Null while there is one. */
  readonly lost: {
    /** In ms since 1970. */
    readonly since: number;
    readonly why: string;
    /** When it is tried again, in ms since 1970; null while that is under way. */
    readonly nextTryAt: number | null;
  } | null;
}

export interface Keeper {
  /** Resolves once the command runs, or ran; null where it never will have. Never rejects. */
  readonly begun: Promise<KeptProcess | null>;
  /** Resolves once the command has ended; its output may still come. Never rejects. */
  readonly ended: Promise<KeptEnd>;
  /** How long it has run by now, or ran, in ms that passed, whatever the clock on the wall did; null before it began. */
  ranMs(): number | null;
  /** At least one byte from there on, and at most `most`, once there are some, or none where only the place has moved on; null once nothing more will come, and where none are there and `signal` is aborted. */
  read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null>;
  /** How long, in ms and in all, nothing was there for those who read. Missing where a read ends by itself soon after the command. */
  waitedMs?(): number;
  /** Everything before this place may be removed. Never rejects. */
  release(before: SpoolPlace): Promise<void>;
  /** To be asked for once. */
  ending(options: GroupEndingOptions): CommandEnding;
  /** Told at once, and whenever it changes. Returns what stops that. Only of a command on another machine. */
  onLink?(listener: (news: LinkNews) => void): () => void;
  /** The text that the command wrote to its `$INSTEP_OUTPUT` on another machine, once it has ended; at most so many bytes. */
  handedOn?(most: number): Promise<Buffer>;
  /** Nothing here looks after it any more: it goes on by itself, and no timer, watch or process of ours is left. */
  leave(): Promise<void>;
  /** Ends what is left of the keeper itself, and removes what it kept. Only once the command's end is durable, or nobody wants it. Never rejects. */
  remove(): Promise<void>;
}

export type { CommandEnding };

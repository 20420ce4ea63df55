/** The types of run.mjs, for our tests. */

/** One transcript, as conformance/README.md describes it. */
export interface Transcript {
  readonly name: string;
  /** Where it is missing, `state`. */
  readonly part?: Part;
  readonly subject?: string;
  readonly step?: number;
  readonly from?: number;
  readonly lines: readonly Line[];
}

export type Part = "state" | "output" | "commands";

export interface Line {
  readonly do: string;
  readonly frame?: object;
  readonly what?: string;
  readonly request_id?: string;
  readonly command?: object;
  readonly expect?: unknown;
}

export const transcripts: readonly Transcript[];
export const PARTS: readonly Part[];

/** Null where the client does as it should, else a sentence. */
export function play(
  transcript: Transcript,
  talk: { tell(line: Line): void | Promise<void>; ask(line: Line): unknown },
): Promise<string | null>;

/** The sentences of what was wrong with the client that a command is. */
export function conform(command: readonly string[], parts?: readonly Part[]): Promise<string[]>;

/** The types of run.mjs, for our tests. */

/** One transcript, as conformance/README.md describes it. */
export interface Transcript {
  readonly name: string;
  readonly subject: string;
  readonly lines: readonly Line[];
}

interface Line {
  readonly do: string;
  readonly frame?: object;
  readonly what?: string;
}

export const transcripts: readonly Transcript[];

/** Null where the client does as it should, else a sentence. */
export function play(
  transcript: Transcript,
  talk: { tell(line: Line): void | Promise<void>; ask(line: Line): unknown },
): Promise<string | null>;

/** The sentences of what was wrong with the client that a command is. */
export function conform(command: readonly string[]): Promise<string[]>;

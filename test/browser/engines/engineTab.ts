/** A tab of whichever engine: as much of it as the tests of other browsers need. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes each, three of them colours, line by line. */
  readonly pixels: Buffer;
}

export type Key = "PageUp" | "End";

export interface EngineTab {
  goto(address: string): Promise<void>;
  reload(): Promise<void>;
  /** What an expression is in the page, as JSON carries it. */
  read<Result>(expression: string): Promise<Result>;
  click(selector: string): Promise<void>;
  /** As a person would, with the focus where it is. */
  press(key: Key): Promise<void>;
  /** What is on the screen there, however it came there: what the document says may be something else. */
  picture(selector: string): Promise<Picture>;
}

export interface Engine {
  readonly name: string;
  /** Why it cannot be used here, and what to install; null where it can. */
  readonly missing: string | null;
  start(): Promise<RunningEngine>;
}

export interface RunningEngine {
  openTab(): Promise<EngineTab>;
  close(): Promise<void>;
}

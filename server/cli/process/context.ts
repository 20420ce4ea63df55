/** The context that a command is given of the process it runs in. Only main.ts touches the process itself. */
import type { Clock } from "../../../shared/clock.js";
import type { ConfigFile } from "../../settings/resolveSettings.js";
import type { Environment } from "../../settings/variables.js";

export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface Output {
  write(text: string | Uint8Array): void;
  /** Resolves once all that was written has left: a pipe takes only so much at a time, and the process ends with `exit`. */
  drained(): Promise<void>;
  /** From here on a reader that goes away ends nothing: what is written then goes nowhere. Without it the process ends, as other programs do. */
  outliveReader(): void;
  readonly isTTY: boolean;
  /** As wide and as high as the terminal is now; 80 by 24 where there is none, or it does not know. */
  readonly columns: number;
  readonly rows: number;
}

export interface LineOptions {
  readonly isHidden?: boolean | undefined;
  /** In a terminal: what was typed before the question is shown was not meant for it. */
  readonly isFresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Input {
  readonly isTTY: boolean;
  /** False while the terminal is another's: a process in its background that reads from it is stopped. Where missing, it is ours. */
  readonly isOurs?: () => boolean;
  /**
   * The next line, without its end; null where there is none, or nobody wants it any more. In a terminal the question is shown
   * first, and a hidden answer is not.
   */
  line(question: string, options?: LineOptions): Promise<string | null>;
}

/** The files that this very process was called with, both absolute. */
export interface Program {
  /** Node's own file. */
  readonly node: string;
  /** The file that Node was given. */
  readonly main: string;
}

export interface CliContext {
  /** Missing where it is called by no shell. */
  readonly program?: Program;
  readonly env: Environment;
  readonly cwd: string;
  /** The user's home folder, absolute; missing where there is none. */
  readonly home?: string;
  /** The `instep.yaml` that counts for this call; none where nothing was read. */
  readonly config?: ConfigFile | null;
  readonly pid: number;
  readonly hostname: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly input: Input;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Listens to the signals that ask us to end. Until somebody has listened they end the process as usual. Returns what stops it. */
  onSignal(listener: (signal: EndSignal) => void): () => void;
  /** Runs as the very last thing, however the process ends short of SIGKILL. Synchronous. Returns what takes it back. */
  onExit(run: () => void): () => void;
  /** Called once a server has started. */
  readonly started?: () => void;
  /** Sends a signal to a whole process group; 0 only asks. False when there is no such group. */
  signalGroup(group: number, signal: NodeJS.Signals | 0): boolean;
}

/** The server ends and leaves a command at work to the one that comes after it: nothing of it is ended, and nothing more is said of it. */
export class LeftAtWork extends Error {
  override readonly name = "LeftAtWork";
}

/** Whether the signal was aborted only because the server goes. */
export const isLeft = ({ aborted, reason }: AbortSignal): boolean =>
  aborted && reason instanceof LeftAtWork;

/** A command is gone, and nobody knows how it ended, or it did not end by itself. The message says why. */
export class CommandLost extends Error {
  override readonly name = "CommandLost";
  /** `node_lost`: it was ended, as its node could not reach the cluster any more. */
  readonly reason: "command_lost" | "node_lost";

  constructor(why: string, reason: "command_lost" | "node_lost" = "command_lost") {
    super(why);
    this.reason = reason;
  }
}

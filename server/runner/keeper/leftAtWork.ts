/** The server ends and leaves a command at work to the one that comes after it: nothing of it is ended, and nothing more is said of it. */
export class LeftAtWork extends Error {
  override readonly name = "LeftAtWork";
}

/** Whether the signal was aborted only because the server goes. */
export const isLeft = ({ aborted, reason }: AbortSignal): boolean =>
  aborted && reason instanceof LeftAtWork;

/** A command is gone, and nobody knows how it ended. The message says why nobody does. */
export class CommandLost extends Error {
  override readonly name = "CommandLost";
}

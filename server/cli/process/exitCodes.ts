/** How a command ends: the same numbers everywhere, so that scripts can tell. */

export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  /** It asks, and nobody is there to answer. */
  waiting: 4,
  unreachable: 5,
  /** EX_TEMPFAIL of sysexits.h: another server holds the data folder. */
  locked: 75,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const;

/** Ends a command with one sentence for stderr. Everything else that is thrown is a bug. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  /** `cause`: the refusal that it puts in words. */
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

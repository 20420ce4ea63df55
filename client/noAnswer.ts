/** Not a refusal: nobody can say what became of a call, because no answer of Instep came back. */

export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** The HTTP status of an answer that was not Instep's (a proxy's page), where there was one. */
  readonly status: number | undefined;

  constructor(message: string, details: ErrorOptions & { status?: number } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
  }
}

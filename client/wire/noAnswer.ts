/** Not a refusal: nobody can say what became of a call, because no answer of Instep came back. */

export interface NoAnswerDetails extends ErrorOptions {
  readonly status?: number | undefined;
  readonly mayPass?: boolean | undefined;
}

export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** The HTTP status of an answer that was not Instep's (a proxy's page), where there was one. */
  readonly status: number | undefined;
  /** Whether waiting alone may help. It does not where something else answers at that address. */
  readonly mayPass: boolean;

  constructor(message: string, { status, cause, mayPass = true }: NoAnswerDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.mayPass = mayPass;
  }
}

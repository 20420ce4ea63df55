/** The log of the operator. It has the shape of pino, so that embedders can pass their own. */

type Write = (details: object, message: string) => void;

export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const nowhere: Write = () => {};

export const silentLog: Log = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere };

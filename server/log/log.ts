/** Where the server tells its operator what it saw: the shape of pino, so that embedders pass their own. */

type Write = (details: object, message: string) => void;

export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const nowhere: Write = () => {};

export const silentLog: Log = { debug: nowhere, info: nowhere, warn: nowhere, error: nowhere };

/** The types of server.mjs, for our tests. */

/** The sentences of what was wrong with the server at that address. */
export function conformServer(
  url: string,
  options?: {
    readonly token?: string | undefined;
    readonly fetch?: typeof fetch;
    readonly WebSocket?: unknown;
    /** A part of the sentences of the checks to make. */
    readonly only?: string;
  },
): Promise<string[]>;

/** Reads from a frame that is not checked yet what its refusal has to name. */

/** Undefined where it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The names by which a client knows which of its frames was refused. */
export interface Asked {
  readonly requestId: string | null;
  /** Only of a `subscribe`. */
  readonly workflow_id: string | undefined;
}

export function askedIn(json: unknown): Asked {
  const frame = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const { type, request_id: requestId, workflow_id } = frame;
  return {
    requestId: isName(requestId) ? requestId : null,
    workflow_id: type === "subscribe" && isName(workflow_id) ? workflow_id : undefined,
  };
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length <= 128;

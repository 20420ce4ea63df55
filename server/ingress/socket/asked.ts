/** What can be told of a frame before it is known to be one. */

/** Undefined where it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** So that even a refused frame can be told from the others. */
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

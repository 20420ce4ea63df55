/** Makes the address of a workflow's page, for those who are told of it. */

/** `server` is where the server is reached; null where nobody knows that, and then of the page. */
export const pageAddress = (server: string | null, workflow_id: string): string | null =>
  server === null ? null : `${server.replace(/\/$/, "")}/w/${encodeURIComponent(workflow_id)}`;

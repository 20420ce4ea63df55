/** The name by which people call a workflow. */

/** Its title, else the name of what it was started from, else its id. */
export const nameOf = (workflow: {
  title?: string | null | undefined;
  name?: string | null | undefined;
  workflow_id: string;
}): string => workflow.title || workflow.name || workflow.workflow_id;

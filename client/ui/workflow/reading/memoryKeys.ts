/** Names the places in the tab's storage where a workflow's page keeps what its reader chose: also the first words look there. Pure. */

/** Of the open pane. */
export const tabKey = (workflow_id: string): string => `instep.tab.${workflow_id}`;

/** Of the reader's place in the output of an attempt. */
export const logKey = (workflow_id: string, step: number, attempt: number): string =>
  `instep.log.${workflow_id}.${step}.${attempt}`;

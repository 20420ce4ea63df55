/** Where the store's files are. */
import { join } from "node:path";
import { fileNameOf } from "../../machine/fileName.js";
import type { WorkflowRecord } from "./record.js";

export interface StoreFolders {
  readonly open: string;
  readonly history: string;
  readonly journal: string;
}

export const storeFolders = (dataDir: string): StoreFolders => ({
  open: join(dataDir, "workflows"),
  history: join(dataDir, "history"),
  journal: join(dataDir, "journal"),
});

export const openPathOf = ({ open }: StoreFolders, workflow_id: string): string =>
  join(open, `${fileNameOf(workflow_id)}.json`);

export const historyPathOf = (
  { history }: StoreFolders,
  { workflow_id, epoch }: Pick<WorkflowRecord, "workflow_id" | "epoch">,
): string => join(history, `${fileNameOf(workflow_id)}.${epoch}.json`);

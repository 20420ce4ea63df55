/** The list of a fake page: what the server says is in it, and which rows there are. */
import type { Summary } from "../../../client/index.js";
import type { FakePage } from "./fakePage.js";

export const showList = (fake: FakePage, ...summaries: readonly Summary[]): Promise<void> =>
  fake.show("*", {
    phase: "live",
    list: { workflows: Object.fromEntries(summaries.map((one) => [one.epoch, one])) },
  });

export const shownIds = (fake: FakePage): (string | undefined)[] =>
  fake.all("[data-workflow-id]").map((row) => row.dataset.workflowId);

/** The open tab of a workflow's page, kept over a reload. */
import { useState } from "preact/hooks";
import { usePage } from "../../page/page.js";
import { tabKey } from "../reading/memoryKeys.js";
import type { PaneTab } from "./stepPane.js";

export type ChosenTab = PaneTab | "steps" | "timeline" | "webhooks";
const ALL: readonly string[] = ["log", "details", "inputs", "steps", "timeline", "webhooks"];

/** Null until somebody chooses; an address that leads to a place in the log has chosen. */
export function useChosenTab(
  workflow_id: string,
  leadsToLog: boolean,
): [ChosenTab | null, (tab: ChosenTab) => void] {
  const { memory } = usePage();
  const key = tabKey(workflow_id);
  const [chosen, setChosen] = useState<ChosenTab | null>(() => {
    const kept = memory.getItem(key);
    if (kept !== null && ALL.includes(kept)) return kept as ChosenTab;
    return leadsToLog ? "log" : null;
  });
  const choose = (tab: ChosenTab) => {
    setChosen(tab);
    memory.setItem(key, tab);
  };
  return [chosen, choose];
}

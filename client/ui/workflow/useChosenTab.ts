/** Which tab of the workflow's view is open, kept over a reload. */
import { useState } from "preact/hooks";
import { usePage } from "../page.js";
import type { PaneTab } from "./stepPane.js";

export type ChosenTab = PaneTab | "steps" | "timeline";
const ALL: readonly string[] = ["log", "details", "inputs", "steps", "timeline"];

/** Null until somebody chooses. */
export function useChosenTab(workflow_id: string): [ChosenTab | null, (tab: ChosenTab) => void] {
  const { memory } = usePage();
  const key = `instep.tab.${workflow_id}`;
  const [chosen, setChosen] = useState<ChosenTab | null>(() => {
    const kept = memory.getItem(key);
    return kept !== null && ALL.includes(kept) ? (kept as ChosenTab) : null;
  });
  const choose = (tab: ChosenTab) => {
    setChosen(tab);
    memory.setItem(key, tab);
  };
  return [chosen, choose];
}

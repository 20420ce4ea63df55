/** Walking through the rows by keyboard: j, k and the arrows move the focus, Enter is the link's own. */
import { useRef } from "preact/hooks";
import { useKeys } from "../browser/keys.js";
import { usePage } from "../page/page.js";

export function useRowKeys() {
  const list = useRef<HTMLDivElement>(null);
  const walk = (by: 1 | -1) => () => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(".row-link") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = at === -1 ? rows.at(by === 1 ? 0 : -1) : rows[at + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const next = { label: "Next workflow", repeats: true, run: walk(1) };
  const previous = { label: "Previous workflow", repeats: true, run: walk(-1) };
  useKeys(usePage().keys, { j: next, ArrowDown: next, k: previous, ArrowUp: previous });
  return list;
}

/** The order of the rows as one choice, for where there is no room for the heads of columns. */
import { orderText, type Sort } from "../../../index.js";
import type { ListRoute } from "../../browser/mount.js";
import { usePage } from "../../page/page.js";
import { orderIn } from "./filters.js";
import { ORDERS, withOrder } from "./rowHead.js";

export function SortChoice({ route }: { route: ListRoute }) {
  const { router } = usePage();
  const texts = Object.entries(ORDERS).flatMap(([by, { isDescending, up, down }]) => {
    const both = [
      { text: by, words: `${WORDS[by as Sort]}: ${up}` },
      { text: `-${by}`, words: `${WORDS[by as Sort]}: ${down}` },
    ];
    return isDescending ? both.toReversed() : both;
  });
  return (
    <select
      class="field sort-choice"
      aria-label="Order"
      value={orderText(orderIn(route))}
      onChange={({ currentTarget }) => router.go(withOrder(route, currentTarget.value))}
    >
      {texts.map(({ text, words }) => (
        <option key={text} value={text}>
          {words}
        </option>
      ))}
    </select>
  );
}

const WORDS = { started: "Started", duration: "Duration", status: "Status", name: "Name" } as const;

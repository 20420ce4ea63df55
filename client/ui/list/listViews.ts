/** The parts of the list that are fetched right behind the page. */
import type { DamagedList } from "./damagedList.js";
import type { EmptyList } from "./emptyList.js";
import type { FilterBar } from "./filterBar.js";
import type { NothingFits } from "./nothingFits.js";
import type { SelectionBar } from "./selectionBar.js";

export interface ListViews {
  readonly DamagedList: typeof DamagedList;
  readonly EmptyList: typeof EmptyList;
  readonly FilterBar: typeof FilterBar;
  readonly NothingFits: typeof NothingFits;
  readonly SelectionBar: typeof SelectionBar;
}

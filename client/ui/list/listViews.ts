/** The parts of the list that are fetched right behind the page. */
import type { DamagedList } from "./damagedList.js";
import type { EmptyList } from "./empty/emptyList.js";
import type { NothingFits } from "./empty/nothingFits.js";
import type { FilterBar } from "./filter/filterBar.js";
import type { SelectionBar } from "./select/selectionBar.js";

export interface ListViews {
  readonly DamagedList: typeof DamagedList;
  readonly EmptyList: typeof EmptyList;
  readonly FilterBar: typeof FilterBar;
  readonly NothingFits: typeof NothingFits;
  readonly SelectionBar: typeof SelectionBar;
}

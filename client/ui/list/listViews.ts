/** The parts of the list that are fetched right behind the page. */

import type { NoView } from "../parts/noView.js";
import type { DamagedList } from "./damagedList.js";
import type { EmptyList } from "./empty/emptyList.js";
import type { NothingFits } from "./empty/nothingFits.js";
import type { RunExample } from "./empty/runExample.js";
import type { FilterBar } from "./filter/filterBar.js";
import type { OlderReader } from "./olderReader.js";
import type { SelectionBar } from "./select/selectionBar.js";

export interface ListViews {
  readonly DamagedList: typeof DamagedList;
  readonly EmptyList: typeof EmptyList;
  readonly FilterBar: typeof FilterBar;
  readonly NothingFits: typeof NothingFits;
  readonly NoView: typeof NoView;
  readonly OlderReader: typeof OlderReader;
  readonly RunExample: typeof RunExample;
  readonly SelectionBar: typeof SelectionBar;
}

/** All workflows of this server: those at work and those of before, in the order that was asked for. */
import { useMemo, useState } from "preact/hooks";
import { LIST, type ListState } from "../../index.js";
import type { ListRoute } from "../browser/mount.js";
import { AsOf, FreshnessContext, freshnessOf } from "../page/freshness.js";
import type { Later } from "../page/later.js";
import { usePage } from "../page/page.js";
import { isUnderWay } from "../page/underWay.js";
import { useView } from "../page/useView.js";
import { Link } from "../parts/link.js";
import { filterOf, isFiltered, orderIn, statusTabs } from "./filter/filters.js";
import { SearchField } from "./filter/searchField.js";
import { StatusTabs } from "./filter/statusTabs.js";
import { ListSkeleton } from "./listSkeleton.js";
import type { ListViews } from "./listViews.js";
import { NONE, type ToldOlder } from "./older.js";
import { WorkflowRows } from "./workflowRows.js";

/** More rows than this at once are for machines; the rest comes on demand. */
const ROWS_AT_ONCE = 200;

interface ListPageProps {
  readonly route: ListRoute;
  readonly Later: Later<ListViews>;
}

export function ListPage({ route, Later }: ListPageProps) {
  const view = useView(LIST);
  const { connection } = usePage();
  return (
    <FreshnessContext.Provider value={freshnessOf(view)}>
      {view.list ? (
        <List list={view.list} route={route} Later={Later} />
      ) : isUnderWay(connection.value) ? (
        <ListSkeleton />
      ) : (
        <Later>
          {({ NoView }) => <NoView connection={connection.value} what="the workflows" />}
        </Later>
      )}
    </FreshnessContext.Provider>
  );
}

function List({ list, route, Later }: ListPageProps & { readonly list: ListState }) {
  const { router, serverDay } = usePage();
  const key = router.mount.addressOf(route);
  const [most, setMost] = useState({ key, rows: ROWS_AT_ONCE });
  const limit = most.key === key ? most.rows : ROWS_AT_ONCE;
  const filter = filterOf(route, serverDay.value);
  const [told, setTold] = useState<ToldOlder | null>(null);
  const asked = list.older && told?.key === key ? told : null;
  const older = asked?.found ?? NONE;
  const workflows = useMemo(
    () => ({ ...older.workflows, ...list.workflows }),
    [older.workflows, list.workflows],
  );
  const followed = Object.values(list.workflows);
  const all = Object.values(workflows);
  const { status, q } = route;
  const search = (next: string) => router.go({ ...route, q: next });

  if (all.length === 0 && !list.older && !isFiltered(route)) {
    return (
      <>
        <ListHead />
        {list.damaged && <Later>{({ DamagedList }) => <DamagedList list={list} />}</Later>}
        <Later>{({ EmptyList }) => <EmptyList />}</Later>
      </>
    );
  }
  const tabs = statusTabs(followed, filter, older.counts);
  const definitions = [...new Set(all.flatMap(({ definition }) => definition ?? []))].sort();
  const isNothing = tabs.find((tab) => tab.status === status)?.count === 0;
  return (
    <>
      {!!list.older && (
        <Later isBeside>
          {({ OlderReader }) => (
            <OlderReader
              {...{ list, filter, tell: setTold }}
              address={key}
              order={orderIn(route)}
              wanted={limit}
            />
          )}
        </Later>
      )}
      <ListHead>
        <SearchField q={q ?? ""} onSearch={search} />
        <div class="filters-place">
          <Later>{({ FilterBar }) => <FilterBar route={route} definitions={definitions} />}</Later>
        </div>
        <Link to={{ name: "start" }} class="button is-primary list-start">
          + Start…
        </Link>
      </ListHead>
      {list.damaged && <Later>{({ DamagedList }) => <DamagedList list={list} />}</Later>}
      <StatusTabs tabs={tabs} route={route} />
      <WorkflowRows
        workflows={workflows}
        older={older}
        missing={asked}
        route={route}
        Later={Later}
        limit={limit}
        showMore={() => setMost({ key, rows: limit + ROWS_AT_ONCE })}
        empty={isNothing && <Later>{({ NothingFits }) => <NothingFits route={route} />}</Later>}
      />
      <p class="list-foot">
        <Later isBeside>{({ RunExample }) => <RunExample />}</Later>
      </p>
    </>
  );
}

function ListHead({ children }: { children?: preact.ComponentChildren }) {
  return (
    <div class="list-head">
      <h1>Workflows</h1>
      <AsOf />
      {children}
    </div>
  );
}

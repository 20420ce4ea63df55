/** The frame around every page: the top line with the title and the connection, and the place where changes are read aloud. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Route } from "../browser/mount.js";
import { ListPage } from "../list/listPage.js";
import { type Page, PageContext, usePage } from "../page/page.js";
import { Link } from "../parts/link.js";
import { ConnectionPill } from "./connectionPill.js";
import { KeysButton } from "./keysButton.js";
import { Later } from "./laterViews.js";
import { ThemeButton } from "./themeButton.js";
import { useConnectionNews } from "./useConnectionNews.js";

export function Shell({ page }: { page: Page }) {
  return (
    <PageContext.Provider value={page}>
      <header class="top">
        <Brand />
        <Title />
        <div class="top-end">
          <Later isBeside>{({ AttentionMenu }) => <AttentionMenu />}</Later>
          <ConnectionPill />
          <Bell />
          <ThemeButton />
          <KeysButton />
        </div>
      </header>
      <Later isBeside>
        {({ StaleBar, StorageBar }) => (
          <>
            <StaleBar />
            <StorageBar />
          </>
        )}
      </Later>
      <Main />
      <Asked />
      <Announcements />
    </PageContext.Provider>
  );
}

function Brand() {
  const isWorkflow = usePage().router.route.value.name === "workflow";
  return (
    <Link to={{ name: "list" }} class="brand">
      <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
        <path d="M1.5 13.5v-4h4v-4h4v-4h5v12z" />
      </svg>
      <span class="brand-word">Instep</span>
      {isWorkflow && <span class="sr-only">: All workflows</span>}
    </Link>
  );
}

function Title() {
  const route = usePage().router.route.value;
  return route.name === "workflow" ? (
    <Later isBeside>
      {({ WorkflowTitle }) => (
        <WorkflowTitle key={route.workflow_id} workflow_id={route.workflow_id} />
      )}
    </Later>
  ) : null;
}

/** Beside the workflow that is shown. */
function Bell() {
  const route = usePage().router.route.value;
  return route.name === "workflow" ? (
    <Later isBeside>
      {({ BellButton }) => <BellButton key={route.workflow_id} workflow_id={route.workflow_id} />}
    </Later>
  ) : null;
}

function Main() {
  const { router } = usePage();
  const route = router.route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const page = route.name === "workflow" ? `w/${route.workflow_id}` : route.name;
  useLayoutEffect(() => {
    // As after a real navigation, so that a keyboard or a screen reader starts at the new page.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [page]);
  return (
    <main
      ref={main}
      tabIndex={-1}
      class={`page-${route.name}`}
      aria-labelledby={route.name === "workflow" ? "workflow-name" : undefined}
    >
      <Shown route={route} />
    </main>
  );
}

function Shown({ route }: { route: Route }) {
  switch (route.name) {
    case "list":
      return <ListPage route={route} Later={Later} />;
    case "start":
      return <Later>{({ StartPage }) => <StartPage route={route} />}</Later>;
    case "workflow":
      return (
        <Later>
          {({ WorkflowPage }) => (
            <WorkflowPage key={route.workflow_id} workflow_id={route.workflow_id} />
          )}
        </Later>
      );
  }
}

/** The question that is open. */
function Asked() {
  const { asking } = usePage();
  return asking.open.value && <Later>{({ OpenQuestion }) => <OpenQuestion />}</Later>;
}

function Announcements() {
  const { announcer } = usePage();
  useConnectionNews();
  return (
    <>
      <Later isBeside>{({ FoundNews }) => <FoundNews />}</Later>
      <div role="status" class="sr-only">
        {announcer.text.value}
      </div>
      <div role="alert" class="sr-only">
        {announcer.warning.value}
      </div>
    </>
  );
}

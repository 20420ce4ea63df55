/** The page of starts: the definitions of this server, or the form of the one that was chosen. */
import { useLayoutEffect, useState } from "preact/hooks";
import { type DefinitionsAnswer, type DefinitionView, isEnded, LIST } from "../../index.js";
import type { StartRoute } from "../browser/mount.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";
import { Link } from "../parts/link.js";
import { DefinitionList } from "./definitionList.js";
import { DefinitionProblems } from "./definitionProblems.js";
import { StartForm } from "./startForm.js";

type Asked =
  | { readonly phase: "loading" }
  | { readonly phase: "there"; readonly answer: DefinitionsAnswer }
  | { readonly phase: "failed"; readonly why: string };

export function StartPage({ route }: { route: StartRoute }) {
  const { client } = usePage();
  const [asked, setAsked] = useState<Asked>({ phase: "loading" });
  const [tries, setTries] = useState(0);
  const ended = useEnded();
  useLayoutEffect(() => {
    // A file that was edited in another window is read again when its author comes back.
    const again = () => setTries((before) => before + 1);
    window.addEventListener("focus", again);
    return () => window.removeEventListener("focus", again);
  }, []);
  useLayoutEffect(() => {
    const stop = new AbortController();
    client.rest.definitions({ signal: stop.signal }).then(
      (answer) => !stop.signal.aborted && setAsked({ phase: "there", answer }),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (stop.signal.aborted) return;
        setAsked((before) => (before.phase === "there" ? before : { phase: "failed", why }));
      },
    );
    return () => stop.abort();
  }, [client, tries, ended]);
  const { definition: name, like } = route;
  const crumbs = (
    <nav class="crumbs" aria-label="Back">
      {name === undefined ? (
        <Link to={{ name: "list" }}>‹ All workflows</Link>
      ) : (
        <Link to={{ name: "start" }}>‹ All definitions</Link>
      )}
    </nav>
  );
  switch (asked.phase) {
    case "loading":
      return (
        <>
          {crumbs}
          <Loading />
        </>
      );
    case "failed":
      return (
        <>
          {crumbs}
          <section class="empty" data-testid="start-failed">
            <h1>The definitions did not come</h1>
            <p role="alert">{asked.why}. What runs goes on, and the list shows it.</p>
            <button type="button" class="button" onClick={() => setTries(tries + 1)}>
              Try again
            </button>
          </section>
        </>
      );
    case "there": {
      const { definitions, problems } = asked.answer;
      const chosen = definitions.find((one) => one.name === name);
      return (
        <>
          {crumbs}
          {name === undefined ? (
            <Definitions definitions={definitions} />
          ) : chosen ? (
            <StartForm key={name} definition={chosen} like={like} />
          ) : (
            <section class="empty" data-testid="unknown-definition">
              <h1>There is no definition “{name}”</h1>
              <p>Its file may have been renamed, or have a mistake in it.</p>
            </section>
          )}
          {/* Once: over the form of a good one the others are no news. */}
          {!chosen && <DefinitionProblems problems={problems} />}
        </>
      );
    }
  }
}

/** The runs that have ended: how one did is told while the page stands open, too. Their number may stay the same, as the oldest go. */
function useEnded(): string {
  const { list } = useView(LIST);
  return Object.values(list?.workflows ?? {})
    .filter(({ definition, status }) => definition !== null && isEnded(status))
    .map(({ epoch }) => epoch)
    .join(" ");
}

function Definitions({ definitions }: { definitions: readonly DefinitionView[] }) {
  if (definitions.length === 0) {
    return (
      <section class="empty" data-testid="no-definitions">
        <h1>Nothing can be started yet</h1>
        <p>
          Put a YAML file into the server's folder of definitions (<code>--workflows</code>, usually{" "}
          <code>./workflows</code>), and come back to this page.
        </p>
      </section>
    );
  }
  return <DefinitionList definitions={definitions} />;
}

/** Not for the moment that most answers take. */
function Loading() {
  return <p class="pane-empty appears-late">Reading the definitions…</p>;
}

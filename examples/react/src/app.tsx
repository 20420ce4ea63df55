/** The list of all workflows, and beside it the one that was chosen, live. */
import { useConnection, useWorkflows } from "instep/react";
import { useState } from "react";
import { Run } from "./run.js";

export function App() {
  const { list, phase } = useWorkflows();
  const [chosen, choose] = useState("current");
  const rows = Object.values(list?.workflows ?? {});
  return (
    <main>
      <header>
        <h1>Runs</h1>
        <Link />
      </header>
      <nav aria-label="Workflows" className={phase === "live" ? "" : "old"}>
        {list && rows.length === 0 && <p>Nothing was started yet.</p>}
        {rows.map(({ workflow_id, title, status }) => (
          <button
            key={workflow_id}
            type="button"
            aria-pressed={workflow_id === chosen}
            onClick={() => choose(workflow_id)}
          >
            {title || workflow_id} <em>{status}</em>
          </button>
        ))}
      </nav>
      <Run key={chosen} workflow_id={chosen} />
    </main>
  );
}

/** How the link to the server is, and a button where a person can do something about it. */
function Link() {
  const { phase, problem } = useConnection();
  return <output>{problem ?? (phase === "live" ? "Live" : `Not live: ${phase}`)}</output>;
}

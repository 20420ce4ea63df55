/** What can be started on this server: its definitions. */

import { useLayoutEffect, useState } from "preact/hooks";
import type { DefinitionsAnswer } from "../../index.js";
import { usePage } from "../page.js";

export function StartPage() {
  const { client } = usePage();
  const [answer, setAnswer] = useState<DefinitionsAnswer | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useLayoutEffect(() => {
    client.rest.definitions().then(setAnswer, (error: Error) => setTrouble(error.message));
  }, [client]);
  return (
    <section data-testid="start">
      <h1>Start a workflow</h1>
      {trouble !== null && <p role="alert">The definitions could not be read: {trouble}.</p>}
      <ul>
        {answer?.definitions.map(({ name, title }) => (
          <li key={name}>{title ?? name}</li>
        ))}
      </ul>
    </section>
  );
}

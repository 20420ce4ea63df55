/** The definitions of this server, each a link to its form. Quiet where there are none: nobody has to have any. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { DefinitionsAnswer } from "../../../index.js";
import { usePage } from "../../page/page.js";
import { Link } from "../../parts/link.js";

/** Null until they came; the start page says what is wrong to those who go there. */
export function useDefinitions(): DefinitionsAnswer | null {
  const { client } = usePage();
  const [answer, setAnswer] = useState<DefinitionsAnswer | null>(null);
  useLayoutEffect(() => {
    const stop = new AbortController();
    client.rest.definitions({ signal: stop.signal }).then(setAnswer, () => {});
    return () => stop.abort();
  }, [client]);
  return answer;
}

export function StartOffers({ definitions, problems }: DefinitionsAnswer) {
  const broken = new Set(problems.map(({ file }) => file)).size;
  const hasOwn = definitions.some(({ example }) => !example);
  return (
    <>
      {definitions.length > 0 && (
        <ul class="offers" aria-label="What can be started here">
          {definitions.map(({ name, title, example }) => (
            <li key={name}>
              <Link
                to={{ name: "start", definition: name }}
                class={example && hasOwn ? "button" : "button is-primary"}
              >
                {example && "Example: "}
                {title ?? name}…
              </Link>
            </li>
          ))}
        </ul>
      )}
      {broken > 0 && (
        <p>
          <Link to={{ name: "start" }}>
            {broken === 1 ? "One file cannot be used" : `${broken} files cannot be used`}
          </Link>
        </p>
      )}
    </>
  );
}

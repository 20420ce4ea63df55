/** Lists the definitions that can be started, each with how its last run ended and how long one usually takes; with a search where there are many. */
import { useState } from "preact/hooks";
import type { DefinitionView } from "../../index.js";
import { formatDuration } from "../../index.js";
import { Glyph } from "../look/glyph.js";
import { lookOf } from "../look/status.js";
import { parseTime } from "../look/time.js";
import { Ago } from "../page/freshness.js";
import { Link } from "../parts/link.js";
import { LinkedText } from "../parts/textLink.js";

/** As many are seen at a glance. */
const FEW = 6;

export function DefinitionList({ definitions }: { definitions: readonly DefinitionView[] }) {
  const [sought, setSought] = useState("");
  const found = definitions.filter((one) => fits(one, sought));
  const examples = found.filter(({ example }) => example);
  return (
    <section data-testid="definitions">
      <div class="definitions-head">
        <h1>Start a workflow</h1>
        {definitions.length > FEW && (
          <input
            type="search"
            class="field"
            aria-label="Search the definitions"
            placeholder="Search the definitions"
            data-testid="definitions-search"
            value={sought}
            onInput={({ currentTarget }) => setSought(currentTarget.value)}
          />
        )}
      </div>
      {sought.trim() !== "" && (
        <p role="status" class={found.length > 0 ? "sr-only" : "pane-empty"}>
          {found.length === 0
            ? `None of the ${definitions.length} definitions has “${sought.trim()}” in it.`
            : `${found.length} of ${definitions.length} definitions`}
        </p>
      )}
      <Definitions all={found.filter(({ example }) => !example)} />
      {examples.length > 0 && (
        <>
          <h2>Examples</h2>
          <p class="definition-more">
            They come with Instep. A definition of your own with the same name takes the place of
            one.
          </p>
          <Definitions all={examples} />
        </>
      )}
    </section>
  );
}

function Definitions({ all }: { all: readonly DefinitionView[] }) {
  if (all.length === 0) return null;
  return (
    <ul class="definitions">
      {all.map((definition) => (
        <Definition key={definition.name} definition={definition} />
      ))}
    </ul>
  );
}

function Definition({ definition }: { definition: DefinitionView }) {
  const { name, title, description, steps, file } = definition;
  const names = steps.map(stepName).join(", ");
  return (
    <li class="definition">
      <div class="definition-line">
        <Link to={{ name: "start", definition: name }} class="definition-name">
          {title ?? name}
        </Link>
        <Past definition={definition} />
      </div>
      {description && (
        <p>
          <LinkedText text={description} />
        </p>
      )}
      <p class="definition-more" title={names}>
        {file && <span>{file} · </span>}
        {steps.length === 1 ? "1 step" : `${steps.length} steps`}: {names}
      </p>
    </li>
  );
}

/** Its last run and the usual duration, as the server tells them. */
export function Past({ definition: { last, usual_ms } }: { definition: DefinitionView }) {
  const at = parseTime(last?.ended_at);
  return (
    <span class="definition-past" data-testid="past">
      {last ? (
        <Link to={{ name: "workflow", workflow_id: last.workflow_id }} class="definition-last">
          <Glyph status={last.status} />
          {lookOf(last.status).word} {at !== null && <Ago at={at} />}
        </Link>
      ) : (
        "Never ended yet"
      )}{" "}
      {typeof usual_ms === "number" && <span>usually {formatDuration(usual_ms)}</span>}
    </span>
  );
}

/** Every word of what is sought stands somewhere in it. */
function fits({ name, title, description, file, steps }: DefinitionView, sought: string): boolean {
  const text = [name, title, description, file, ...steps.map(stepName)].join("\n").toLowerCase();
  const words = sought.toLowerCase().trim().split(/\s+/);
  return words.every((word) => text.includes(word));
}

const stepName = ({ title, action }: DefinitionView["steps"][number]): string => title ?? action;

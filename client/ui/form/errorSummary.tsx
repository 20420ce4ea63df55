/** Lists the mistakes in a form before it can be sent; each line leads to its field. Takes the focus when it appears, or gives it to the field that is wrong alone. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Fields } from "../../index.js";
import { fieldId, type Texts } from "./fieldInputs.js";

interface ErrorSummaryProps {
  readonly prefix: string;
  readonly fields: Fields;
  readonly problems: Texts;
  /** A mistake that belongs to no field. */
  readonly trouble: string | null;
}

export function ErrorSummary({ prefix, fields, problems, trouble }: ErrorSummaryProps) {
  const box = useRef<HTMLDivElement>(null);
  const entries = Object.entries(problems);
  const key = JSON.stringify([entries, trouble]);
  useLayoutEffect(() => {
    const alone = entries.length === 1 && trouble === null ? entries[0]![0] : null;
    const field = alone === null ? null : document.getElementById(fieldId(prefix, alone));
    (field ?? box.current)?.focus();
  }, [key]);
  if (entries.length === 0 && trouble === null) return null;
  const goTo = (name: string) => (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById(fieldId(prefix, name))?.focus();
  };
  return (
    <div class="form-errors tone-failed" role="alert" tabIndex={-1} ref={box} data-testid="errors">
      {trouble !== null && <p>{trouble}</p>}
      {entries.length > 0 && (
        <ul>
          {entries.map(([name, message]) => (
            <li key={name}>
              {Object.hasOwn(fields, name) ? (
                <a href={`#${fieldId(prefix, name)}`} onClick={goTo(name)}>
                  {message}
                </a>
              ) : (
                message
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Files that are no definitions, and where the mistake is. */
import type { DefinitionProblem } from "../../index.js";

export function DefinitionProblems({ problems }: { problems: readonly DefinitionProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <section class="notice tone-interrupted definition-problems" data-testid="definition-problems">
      <div>
        <h2>Files that cannot be used</h2>
        <ul>
          {problems.map(({ file, line, column, field, where = field, message }, index) => (
            <li key={index}>
              <code>{[file, line, column].filter((part) => part !== null).join(":")}</code>
              {where !== null && <> {where}:</>} {message}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

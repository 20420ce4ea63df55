/** A name and its value, in a list of facts (`<dl class="facts">`). */
import type { ComponentChildren } from "preact";

interface FactProps {
  readonly name: string;
  /** Also where there is room for little. */
  readonly isWeighty?: boolean;
  readonly children: ComponentChildren;
}

export function Fact({ name, isWeighty = false, children }: FactProps) {
  return (
    <div class={isWeighty ? "fact is-weighty" : "fact"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

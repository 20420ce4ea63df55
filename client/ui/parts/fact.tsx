/** A name and its value, in a list of facts (`<dl class="facts">`). */
import type { ComponentChildren } from "preact";

interface FactProps {
  readonly name: string;
  /** For the style sheet. */
  readonly kind?: string;
  readonly children: ComponentChildren;
}

export function Fact({ name, kind, children }: FactProps) {
  return (
    <div class={kind ? `fact is-${kind}` : "fact"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

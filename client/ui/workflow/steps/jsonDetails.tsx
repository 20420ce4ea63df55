/** A value as JSON text, folded away. It is written out only while it is open: a large state changes often. */
import { useState } from "preact/hooks";
import { LinkedText } from "../../parts/textLink.js";

interface JsonDetailsProps {
  readonly title: string;
  readonly value: unknown;
  readonly isOpen?: boolean;
}

export function JsonDetails({ title, value, isOpen = false }: JsonDetailsProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <details
      class="json"
      open={isOpen}
      onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>{title}</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <pre tabIndex={0}>
          <LinkedText text={JSON.stringify(value, null, 2)} />
        </pre>
      )}
    </details>
  );
}

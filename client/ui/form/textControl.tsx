/** The control of a field that is typed: one line, until what is pasted has more; a secret stays hidden whatever it is. */
import { useRef } from "preact/hooks";
import { type Field, leftOutOf } from "../../index.js";
import { linesOf } from "./pastedLines.js";
import { usePastedText } from "./usePastedText.js";

interface TextControlProps {
  readonly id: string;
  readonly field: Field;
  readonly text: string;
  readonly described: string;
  readonly isWrong: boolean;
  onText(text: string): void;
}

const MOST_ROWS = 12;
const PASSWORD = { type: "password" } as const;
const TEXT = { type: "text" } as const;

export function TextControl({ id, field, text, described, isWrong, onText }: TextControlProps) {
  const { control, refusal, on } = usePastedText(field, onText);
  const hasLines = text.includes("\n");
  // A field that had several lines stays as large: it must not be changed under somebody's hands.
  const wasWide = useRef(false);
  wasWide.current ||= hasLines;
  const isSecret = field.type === "secret";
  const isWide = wasWide.current || field.type === "string";
  const told = refusal ?? (hasLines ? keptText(text, isSecret) : leftOutText(field, text));
  const noteId = `${id}-lines`;
  const shared = {
    id,
    "aria-describedby": [described, told ? noteId : ""].filter(Boolean).join(" ") || undefined,
    "aria-invalid": isWrong ? ("true" as const) : undefined,
    "aria-required": field.required,
    autoComplete: "off" as const,
    autoCapitalize: "off" as const,
    spellcheck: false,
    value: text,
    ...on,
  };
  return (
    <>
      {isWide ? (
        <textarea
          {...shared}
          ref={control as { current: HTMLTextAreaElement | null }}
          class={`field form-input ${isSecret ? "is-hidden" : ""}`}
          rows={Math.min(MOST_ROWS, text.split("\n").length)}
          wrap={isSecret ? "off" : "soft"}
          onCopy={isSecret ? keep : undefined}
          onCut={isSecret ? keep : undefined}
          onDragStart={isSecret ? keep : undefined}
        />
      ) : (
        <input
          {...shared}
          ref={control as { current: HTMLInputElement | null }}
          class="field form-input"
          {...(isSecret ? PASSWORD : TEXT)}
          inputMode={field.type === "number" ? "decimal" : undefined}
          placeholder={field.type === "ssh" ? "ssh -p 22 user@host" : undefined}
        />
      )}
      {told !== null && (
        <p class={refusal ? "field-problem" : "field-about"} id={noteId} role="status">
          {told}
        </p>
      )}
    </>
  );
}

/** A hidden text does not leave by the clipboard either. */
const keep = (event: Event) => event.preventDefault();

function leftOutText(field: Field, text: string): string | null {
  const [found] = leftOutOf({ field }, { field: text });
  return found ? `${found.message.charAt(0).toUpperCase()}${found.message.slice(1)}.` : null;
}

const keptText = (text: string, isSecret: boolean): string =>
  `${linesOf(text)} lines, kept as they are${isSecret ? " and not shown" : ""}.`;

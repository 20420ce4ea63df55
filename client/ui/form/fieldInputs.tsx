/** Typed fields as form controls: a definition's inputs, a question's answer. Texts in, texts out; checked by whoever sends them. */
import { type Field, type Fields, sourceWords } from "../../index.js";
import { LinkedText } from "../parts/textLink.js";
import { TextControl } from "./textControl.js";

export type Texts = Readonly<Record<string, string>>;

interface FieldInputsProps {
  /** Makes the controls' ids its own. */
  readonly prefix: string;
  readonly fields: Fields;
  readonly texts: Texts;
  /** The mistakes, by field. */
  readonly problems: Texts;
  onText(name: string, text: string): void;
}

/** With more to choose from, a list takes less room. */
const MOST_RADIOS = 5;

export function FieldInputs(props: FieldInputsProps) {
  return (
    <>
      {Object.entries(props.fields).map(([name, field]) => (
        <FieldInput key={name} {...props} name={name} field={field} />
      ))}
    </>
  );
}

export const fieldId = (prefix: string, name: string): string => `${prefix}-${name}`;

type OneProps = FieldInputsProps & { readonly name: string; readonly field: Field };

function FieldInput(props: OneProps) {
  const { prefix, name, field, problems } = props;
  const id = fieldId(prefix, name);
  const choices = choicesOf(field);
  const problem = problems[name];
  const described = [
    ...(field.description ? [`${id}-about`] : []),
    ...(problem ? [`${id}-problem`] : []),
  ].join(" ");
  const title = (
    <>
      {field.title ?? name}
      {field.required && <span class="field-required"> required</span>}
    </>
  );
  const more = (
    <>
      {field.description && (
        <p class="field-about" id={`${id}-about`}>
          <LinkedText text={field.description} />
        </p>
      )}
      {problem && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </>
  );
  const source = sourceWords(field);
  if (source !== null) {
    return (
      <div class="form-field" id={id} tabIndex={-1}>
        <span>{title}</span>
        {more}
        <p class="field-about">Taken from {source}.</p>
      </div>
    );
  }
  if (choices && choices.length <= MOST_RADIOS) {
    return (
      <fieldset class="form-field" id={id} tabIndex={-1} aria-describedby={described || undefined}>
        <legend>{title}</legend>
        {more}
        <Radios {...props} choices={choices} />
      </fieldset>
    );
  }
  return (
    <div class="form-field">
      <label for={id}>{title}</label>
      {more}
      <Control {...props} id={id} choices={choices} described={described} />
    </div>
  );
}

interface Choice {
  readonly value: string;
  readonly word: string;
}

function choicesOf(field: Field): readonly Choice[] | null {
  if (field.type === "choice") return field.options.map((value) => ({ value, word: value }));
  if (field.type !== "boolean") return null;
  return [
    { value: "true", word: "Yes" },
    { value: "false", word: "No" },
  ];
}

function Radios({
  prefix,
  name,
  field,
  texts,
  onText,
  choices,
}: OneProps & { choices: readonly Choice[] }) {
  const usual = "default" in field && field.default !== undefined ? String(field.default) : null;
  return (
    <div class="radios">
      {choices.map(({ value, word }) => (
        <label key={value} class="radio">
          <input
            type="radio"
            name={fieldId(prefix, name)}
            checked={(texts[name] ?? usual) === value}
            onChange={() => onText(name, value)}
          />
          <span>
            {word}
            {value === usual && <span class="field-usual"> (default)</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

interface ControlProps extends OneProps {
  readonly id: string;
  readonly choices: readonly Choice[] | null;
  readonly described: string;
}

function Control({ id, name, field, texts, problems, onText, choices, described }: ControlProps) {
  const usual = "default" in field && field.default !== undefined ? String(field.default) : "";
  const text = texts[name] ?? usual;
  const isWrong = problems[name] !== undefined;
  if (!choices) {
    return (
      <TextControl
        id={id}
        field={field}
        text={text}
        described={described}
        isWrong={isWrong}
        onText={(next) => onText(name, next)}
      />
    );
  }
  return (
    <select
      id={id}
      class="field form-input"
      aria-describedby={described || undefined}
      aria-invalid={isWrong ? "true" : undefined}
      aria-required={field.required}
      value={text}
      onChange={({ currentTarget }) => onText(name, currentTarget.value)}
    >
      <option value="">–</option>
      {choices.map(({ value, word }) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  );
}

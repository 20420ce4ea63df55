/** Words of programs and people where a list has room for two lines; whole on paper and under the pointer. */
import { LinkedText } from "./textLink.js";

export function Clamped({ class: name, text }: { class: string; text: string }) {
  return (
    <p class={`clamped ${name}`} title={text}>
      <LinkedText text={text} />
    </p>
  );
}

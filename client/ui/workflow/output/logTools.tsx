/** What can be done with a log, above it. */
import type { ComponentChildren } from "preact";
import type { LogName } from "./logBytes.js";
import type { LogSettings } from "./logSettings.js";
import { WholeOutput } from "./wholeOutput.js";

export type Copied = "link" | "lines";

interface LogToolsProps {
  readonly name: LogName;
  readonly isFollowing: boolean;
  readonly settings: LogSettings;
  readonly hasLines: boolean;
  /** What was copied last, said until the reader goes elsewhere. */
  readonly copied: Copied | null;
  forgetCopied(): void;
  /** The search. */
  readonly children: ComponentChildren;
  follow(): void;
  set(part: Partial<LogSettings>): void;
  copyLink(): void;
  copyLast(): void;
  nextError(): void;
}

export function LogTools(props: LogToolsProps) {
  const { name, isFollowing, settings, hasLines, copied, forgetCopied } = props;
  return (
    <div class="output-tools">
      <Tool
        label="Follow"
        title="Keep the newest line in view (f, G, End)"
        isPressed={isFollowing}
        act={props.follow}
      />
      {props.children}
      <Tool
        label="Next error"
        title="Next line that looks like an error (e)"
        act={props.nextError}
      />
      <span class="output-more">
        <Tool
          label="Wrap"
          name="output-wrap"
          title="Wrap long lines"
          isPressed={settings.wrap}
          act={() => props.set({ wrap: !settings.wrap })}
        />
        <Tool
          label="Read new lines aloud"
          title="For screen readers: new lines are read, a few at a time"
          isPressed={settings.aloud}
          act={() => props.set({ aloud: !settings.aloud })}
        />
        <Tool
          label={hasLines ? "Copy link to lines" : "Copy link"}
          said={copied === "link" ? "Copied" : null}
          title="A link to this place (y)"
          act={props.copyLink}
          left={forgetCopied}
        />
        <Tool
          label="Copy last 200 lines"
          said={copied === "lines" ? "Copied" : null}
          title="As Markdown"
          act={props.copyLast}
          left={forgetCopied}
        />
        <WholeOutput {...name}>Whole output</WholeOutput>
      </span>
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly title: string;
  readonly isPressed?: boolean;
  /** For the style sheet. */
  readonly name?: string;
  /** In place of the label. */
  readonly said?: string | null;
  act(): void;
  left?(): void;
}

function Tool({ label, title, isPressed, name = "", said = null, act, left }: ToolProps) {
  return (
    <button
      type="button"
      class={`button is-small ${name}`}
      title={title}
      aria-pressed={isPressed}
      data-testid={`log-${label.toLowerCase().replaceAll(" ", "-")}`}
      onClick={act}
      onBlur={left}
    >
      {said ?? label}
    </button>
  );
}

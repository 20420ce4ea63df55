/** The tools of a log, in one row above it. Tools that are rare, or have no room, are in the menu at its end. */
import type { ComponentChildren } from "preact";
import type { TextToCopy } from "../../../browser/clipboard.js";
import { usePage } from "../../../page/page.js";
import { CopyButton } from "../../../parts/copyButton.js";
import { Menu } from "../../../parts/menu.js";
import type { LogName } from "../bytes/logBytes.js";
import type { LogActions } from "./logActions.js";
import type { LogSettings, Timestamps } from "./logSettings.js";
import { useIsWhole } from "./useIsWhole.js";
import { rawAddress, WholeOutput } from "./wholeOutput.js";

interface LogToolsProps {
  readonly name: LogName;
  readonly isFollowing: boolean;
  readonly isAtWork: boolean;
  /** Under the tools, over the log: it moves nothing. */
  readonly said: ComponentChildren;
  readonly settings: LogSettings;
  readonly hasLines: boolean;
  readonly actions: LogActions;
  /** The search. */
  readonly children: ComponentChildren;
  readonly isPattern: boolean;
  set(part: Partial<LogSettings>): void;
  searchByPattern(isPattern: boolean): void;
  /** The address of the lines in view. */
  link(): string;
  lastLines(): TextToCopy;
}

export function LogTools(props: LogToolsProps) {
  const { name, isFollowing, isAtWork, said, settings, actions, children } = props;
  const isWhole = useIsWhole(name, !isAtWork);
  const download = downloadOf(isAtWork, isWhole);
  return (
    <div class="output-tools">
      <div class="output-bar">
        <Tool
          label="Follow"
          title="Keep the newest line in view (f, G, End)"
          isPressed={isFollowing}
          act={actions.follow}
        />
        {children}
        <Tool
          label="Next error"
          title="Next line that looks like an error (e)"
          class="from-middle"
          act={actions.nextError}
        />
        <Tool
          label="Wrap"
          title="Wrap long lines (w)"
          class="from-wide"
          isPressed={settings.wrap}
          act={actions.wrap}
        />
        <Tool
          label="Times"
          title={`When each line came (T): ${TIMES[settings.timestamps]}`}
          class="from-wide"
          isPressed={settings.timestamps !== "off"}
          act={actions.timestamps}
        />
        <span class="from-middle">
          <WholeOutput {...name} class={QUIET} title={download.title}>
            {download.label}
          </WholeOutput>
        </span>
        <Menu label="More for this log" testid="log-more">
          {(close) => <More {...props} download={download} close={close} />}
        </Menu>
      </div>
      <div id={SAID_ID} class="output-said" role="status" data-testid="log-said">
        {said}
      </div>
    </div>
  );
}

/** The id of the line that is said under the tools. */
export const SAID_ID = "log-said";
const QUIET = "button is-small is-quiet";
const TIMES: Readonly<Record<Timestamps, string>> = { off: "off", local: "local time", utc: "UTC" };

interface Download {
  readonly label: string;
  readonly title: string;
}

/** The raw output as a file, which is not always all of it. */
function downloadOf(isAtWork: boolean, isWhole: boolean): Download {
  if (isAtWork) return { label: "Download so far", title: "What was printed up to now, raw" };
  if (isWhole) return { label: "Download", title: "All that was printed, raw" };
  return {
    label: "Download what is left",
    title: "The server left out a part for want of room; a line in the file says where",
  };
}

interface MoreProps extends LogToolsProps {
  readonly download: Download;
  close(): void;
}

function More(props: MoreProps) {
  const { name, download, settings, hasLines, actions, set, close } = props;
  const { hasToken, router } = usePage();
  return (
    <>
      <Item
        label="Next error"
        class="until-middle"
        act={() => {
          close();
          actions.nextError();
        }}
      />
      <span class="until-middle">
        <WholeOutput {...name} class="menu-item" title={download.title}>
          {download.label}
        </WholeOutput>
      </span>
      <CopyButton
        class="menu-item"
        testid="log-copy-last"
        label="Copy last 200 lines"
        title="As Markdown"
        what="the last lines"
        text={props.lastLines}
      />
      <CopyButton
        class="menu-item"
        testid="log-copy-link"
        label={hasLines ? "Copy link to lines" : "Copy link"}
        title="A link to this place (y)"
        what="the link"
        text={props.link}
      />
      {/* With a token it would open for nobody else. */}
      {!hasToken && (
        <CopyButton
          class="menu-item"
          testid="log-copy-raw"
          label="Copy link to raw output"
          what="the link to the raw output"
          text={() => rawAddress(router.mount.url, name)}
        />
      )}
      <hr />
      <Switch
        label="Search by expression"
        class="until-middle"
        isOn={props.isPattern}
        switched={props.searchByPattern}
      />
      <Switch
        label="Wrap long lines"
        class="output-wrap"
        isOn={settings.wrap}
        switched={(wrap) => set({ wrap })}
      />
      <Switch
        label="Read new lines aloud"
        isOn={settings.aloud}
        switched={(aloud) => set({ aloud })}
      />
      <fieldset class="menu-choice">
        <legend>Timestamps</legend>
        {(["off", "local", "utc"] as const).map((one) => (
          <label key={one} class="menu-item">
            <input
              type="radio"
              name="log-timestamps"
              data-testid={`log-timestamps-${one}`}
              checked={settings.timestamps === one}
              onChange={() => set({ timestamps: one })}
            />
            {TIMES[one]}
          </label>
        ))}
      </fieldset>
    </>
  );
}

interface ToolProps {
  readonly label: string;
  readonly title?: string;
  readonly class?: string;
  readonly isPressed?: boolean;
  act(): void;
}

function Tool({ label, title, class: className = "", isPressed, act }: ToolProps) {
  return (
    <button
      type="button"
      class={`${QUIET} ${className}`}
      title={title}
      aria-pressed={isPressed}
      data-testid={`log-${label.toLowerCase().replaceAll(" ", "-")}`}
      onClick={act}
    >
      {label}
    </button>
  );
}

function Item({ label, class: className = "", act }: ToolProps) {
  return (
    <button type="button" class={`menu-item ${className}`} onClick={act}>
      {label}
    </button>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly class?: string;
  readonly isOn: boolean;
  switched(isOn: boolean): void;
}

function Switch({ label, class: className = "", isOn, switched }: SwitchProps) {
  return (
    <label class={`menu-item ${className}`}>
      <input
        type="checkbox"
        data-testid={`log-${label.toLowerCase().replaceAll(" ", "-")}`}
        checked={isOn}
        onChange={({ currentTarget }) => switched(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** The form of one definition: its typed inputs, its steps to switch off and on, and one workflow for however many presses. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  branchesOf,
  type DefinitionView,
  isLeftOut,
  MASK,
  type Step,
  type WorkflowState,
} from "../../index.js";
import { ignoreHeldKey } from "../browser/heldKey.js";
import { runCommand } from "../commands/runCommand.js";
import { createDrafts } from "../form/drafts.js";
import { ErrorSummary } from "../form/errorSummary.js";
import { FieldInputs, type Texts } from "../form/fieldInputs.js";
import { byName, checkTexts } from "../form/formValues.js";
import { enterLeads } from "../page/enterLeads.js";
import { commandObstacle } from "../page/inStep.js";
import { usePage } from "../page/page.js";
import { useArmed } from "../page/useArmed.js";
import { LinkedText } from "../parts/textLink.js";
import { Past } from "./definitionList.js";
import { everyStep, StepSwitches } from "./stepSwitches.js";

interface StartFormProps {
  readonly definition: DefinitionView;
  /** The workflow whose inputs and switches it begins with. */
  readonly like?: string | undefined;
}

export function StartForm({ definition, like }: StartFormProps) {
  const { client, runs, connection, memory, router } = usePage();
  const { name, title, description, example, inputs, steps } = definition;
  const drafts = useMemo(
    () => createDrafts(memory, `start ${name} ${like ?? ""}`),
    [memory, name, like],
  );
  const [texts, setTexts] = useState<Texts>(() => drafts.read());
  const [switched, setSwitched] = useState(() => drafts.readSwitches());
  const [problems, setProblems] = useState<Texts>({});
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const requestId = useRef<string | null>(null);
  const isSent = useRef(false);
  const isArmed = useArmed();
  const obstacle = commandObstacle(connection.value);

  useLayoutEffect(() => {
    if (like === undefined) return;
    const stop = new AbortController();
    client.rest.load(like, { signal: stop.signal }).then(
      (found) => {
        if (stop.signal.aborted) return;
        if (!found) return setTrouble(`${like} is not there any more; fill the form in.`);
        setTexts((typed) => ({ ...textsOf(found.state), ...typed }));
        setSwitched((chosen) => ({ ...switchesOf(found.state, definition), ...chosen }));
      },
      () => !stop.signal.aborted && setTrouble(`The inputs of ${like} did not come; fill them in.`),
    );
    return () => stop.abort();
  }, [client, like, definition]);

  /** Another form is another command. */
  const changed = () => {
    requestId.current = null;
  };
  const isOn = (action: string, enabled: boolean) => switched[action] ?? enabled;

  async function send(event: Event) {
    event.preventDefault();
    if (isSent.current || !isArmed || obstacle !== null) return;
    setTrouble(null);
    const checked = checkTexts(inputs, texts);
    setProblems(checked.problems);
    if (!checked.isForServer) return;
    requestId.current ??= `start-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
    const actions = (wanted: boolean) =>
      everyStep(steps)
        .filter(({ action, enabled }) => enabled !== wanted && isOn(action, enabled) === wanted)
        .map(({ action }) => action);
    isSent.current = true;
    setSending(true);
    const result = await runCommand(
      client,
      {
        kind: "start",
        name,
        inputs: { ...checked.values },
        skip: actions(false),
        enable: actions(true),
        by: runs.tabName,
      },
      { requestId: requestId.current },
    );
    isSent.current = false;
    setSending(false);
    if (result.ok) {
      drafts.forget();
      return router.go({ name: "workflow", workflow_id: result.answer.workflow_id });
    }
    // A refusal was an answer: the next press is another command.
    if (result.code !== null) changed();
    setProblems(byName(inputs, result.errors));
    setTrouble(result.errors.length > 0 ? null : result.why);
  }

  return (
    <form
      class="start-form"
      data-testid="start-form"
      noValidate
      onSubmit={send}
      onKeyDown={enterLeads}
    >
      <div class="definition-line start-wide">
        <h1>{title ?? name}</h1>
        <Past definition={definition} />
      </div>
      {description && (
        <p class="start-about start-wide">
          <LinkedText text={description} />
        </p>
      )}
      {example && <p class="start-about start-wide">An example that comes with Instep.</p>}
      {like !== undefined && (
        <p class="start-about start-wide">As {like} was started. Secrets have to be given again.</p>
      )}
      <div class="start-wide">
        <ErrorSummary prefix="input" fields={inputs} problems={problems} trouble={trouble} />
      </div>
      <div class="start-fields">
        <FieldInputs
          prefix="input"
          fields={inputs}
          texts={texts}
          problems={problems}
          onText={(field, text) => {
            changed();
            const next = { ...texts, [field]: text };
            setTexts(next);
            drafts.keep(next, inputs);
          }}
        />
      </div>
      <StepSwitches
        steps={steps}
        isOn={isOn}
        onSwitch={(action, wanted) => {
          changed();
          const next = { ...switched, [action]: wanted };
          setSwitched(next);
          drafts.keepSwitches(next);
        }}
      />
      <div class="start-foot start-wide">
        <button
          type="submit"
          class="button is-primary"
          data-testid="start"
          disabled={obstacle !== null || isSending || !isArmed}
          onKeyDown={ignoreHeldKey}
          title={obstacle ?? undefined}
        >
          {isSending ? "Starting…" : "Start"}
        </button>
        <span class="field-about" data-testid="start-plan">
          {obstacle ??
            planText(
              steps.filter(({ action, enabled }) => isOn(action, enabled)),
              steps,
            )}
        </span>
      </div>
    </form>
  );
}

type Steps = DefinitionView["steps"];

/** What the button starts: how many of the steps, and which of them ask. */
function planText(on: Steps, all: Steps): string {
  if (on.length === 0) return "No step is switched on.";
  const count = on.length === all.length ? `all ${all.length}` : `${on.length} of ${all.length}`;
  const runs = all.length === 1 ? "Its one step runs" : `Runs ${count} steps`;
  const asking = on.filter(({ asks }) => asks).map(({ title, action }) => `“${title ?? action}”`);
  if (asking.length === 0) return `${runs}.`;
  return `${runs}; ${asking.join(", ")} ${asking.length === 1 ? "asks" : "ask"}.`;
}

/** What was masked is typed again. */
function textsOf({ inputs = {} }: WorkflowState): Texts {
  const known = Object.entries(inputs).filter(([, value]) => value !== MASK);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

function switchesOf({ steps }: WorkflowState, defined: DefinitionView) {
  return Object.fromEntries(
    defined.steps.flatMap((step, index) => {
      const was = steps[index];
      if (was?.action !== step.action) return [];
      const branches = branchesOf(was);
      return [
        ...switchOf(step, was),
        ...(step.parallel ?? []).flatMap((branch, at) => switchOf(branch, branches[at])),
      ];
    }),
  );
}

/** What was left out on the way was not switched off. */
function switchOf({ action, enabled }: Steps[number], was: Step | undefined): [string, boolean][] {
  const isOn = was?.status !== "skipped" || isLeftOut(was);
  return was?.action === action && isOn !== enabled ? [[action, isOn]] : [];
}

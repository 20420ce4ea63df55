/** The form of one definition: its typed inputs, its steps to switch off and on, and one workflow for however many presses. */
import type { DefinitionView } from "../../index.js";
import { ErrorSummary } from "../form/errorSummary.js";
import { FieldInputs } from "../form/fieldInputs.js";
import { SubmitButton } from "../form/submitButton.js";
import { enterLeads } from "../page/enterLeads.js";
import { LinkedText } from "../parts/textLink.js";
import { Past } from "./definitionList.js";
import { StepSwitches } from "./stepSwitches.js";
import { useStartForm } from "./useStartForm.js";

interface StartFormProps {
  readonly definition: DefinitionView;
  /** The workflow whose inputs and switches it begins with. */
  readonly like?: string | undefined;
}

export function StartForm({ definition, like }: StartFormProps) {
  const { inputs, steps } = definition;
  const { texts, sending, isOn, type, switchStep } = useStartForm(definition, like);
  const { problems, trouble, obstacle } = sending;
  const on = steps.filter(({ action, enabled }) => isOn(action, enabled));
  return (
    <form
      class="start-form"
      data-testid="start-form"
      noValidate
      onSubmit={sending.send}
      onKeyDown={enterLeads}
    >
      <StartHead definition={definition} like={like} />
      <div class="start-wide">
        <ErrorSummary prefix="input" fields={inputs} problems={problems} trouble={trouble} />
      </div>
      <div class="start-fields">
        <FieldInputs
          prefix="input"
          fields={inputs}
          texts={texts}
          problems={problems}
          onText={type}
        />
      </div>
      <StepSwitches steps={steps} isOn={isOn} onSwitch={switchStep} />
      <div class="start-foot start-wide">
        <SubmitButton testid="start" label="Start" busy="Starting…" sending={sending} />
        <span class="field-about" data-testid="start-plan">
          {obstacle ?? planText(on, steps)}
        </span>
      </div>
    </form>
  );
}

/** The name of the definition, its description, and where the inputs come from. */
function StartHead({ definition, like }: StartFormProps) {
  const { name, title, description, example } = definition;
  return (
    <>
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
    </>
  );
}

type Steps = DefinitionView["steps"];

/** Says what the button starts: how many of the steps, and which of them ask. */
function planText(on: Steps, all: Steps): string {
  if (on.length === 0) return "No step is switched on.";
  const count = on.length === all.length ? `all ${all.length}` : `${on.length} of ${all.length}`;
  const runs = all.length === 1 ? "Its one step runs" : `Runs ${count} steps`;
  const asking = on.filter(({ asks }) => asks).map(({ title, action }) => `“${title ?? action}”`);
  if (asking.length === 0) return `${runs}.`;
  return `${runs}; ${asking.join(", ")} ${asking.length === 1 ? "asks" : "ask"}.`;
}

/** The steps of a definition, each to switch off or on before the start. */
import type { DefinitionView } from "../../index.js";

type Steps = DefinitionView["steps"];

interface StepSwitchesProps {
  readonly steps: Steps;
  isOn(action: string, enabled: boolean): boolean;
  onSwitch(action: string, wanted: boolean): void;
}

/** Each parallel step before its branches. */
export const everyStep = (steps: Steps): Steps =>
  steps.flatMap((step) => [step, ...(step.parallel ?? [])]);

export function StepSwitches(props: StepSwitchesProps) {
  return (
    <fieldset class="form-field start-steps">
      <legend>Steps</legend>
      <Switches {...props} />
    </fieldset>
  );
}

function Switches({ steps, isOn, onSwitch }: StepSwitchesProps) {
  return (
    <ol>
      {steps.map(({ action, title, enabled, asks, parallel }) => (
        <li key={action}>
          <label>
            <input
              type="checkbox"
              checked={isOn(action, enabled)}
              onChange={({ currentTarget }) => onSwitch(action, currentTarget.checked)}
            />
            <span>{title ?? action}</span>
            {asks && <span class="field-usual"> asks</span>}
            {parallel && <span class="field-usual"> at the same time:</span>}
          </label>
          {parallel && isOn(action, enabled) && (
            <Switches steps={parallel} isOn={isOn} onSwitch={onSwitch} />
          )}
        </li>
      ))}
    </ol>
  );
}

/** The choices for the selected rows. The bar lies over the end of the list, so that nothing moves when it comes. */
import type { Summary } from "../../../index.js";
import { CommandButton } from "../../commands/commandButton.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import { clearAll, clearAllQuestion, counted } from "./clearSelected.js";
import type { Selection } from "./useSelection.js";

interface SelectionBarProps {
  readonly selected: readonly Summary[];
  readonly selection: Selection;
  onCleared(): void;
}

export function SelectionBar({ selected, selection, onCleared }: SelectionBarProps) {
  const { client, connection, announcer } = usePage();
  const question = {
    about: null,
    textOf: () => clearAllQuestion(selected),
    async run() {
      const kept = await clearAll(client, selected);
      onCleared();
      if (kept === null) announcer.say(`${counted(selected.length)} cleared.`);
      return kept;
    },
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own that differs from browser to browser
    <div class="selection-bar" role="group" aria-label="Selected workflows" data-testid="selected">
      <span role="status">{counted(selected.length)} selected</span>
      <button type="button" class="button" onClick={selection.clear}>
        Select none
      </button>
      <CommandButton
        kind="danger"
        testid="clear-selected"
        obstacle={commandObstacle(connection.value)}
        question={question}
      >
        {`Clear ${selected.length}…`}
      </CommandButton>
    </div>
  );
}

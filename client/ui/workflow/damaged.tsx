/** The place of a workflow whose record the server cannot read. */
import { clearWorkflow } from "../clearCommand.js";
import { commandObstacle } from "../connectionWords.js";
import { usePage } from "../page.js";
import { CommandButton } from "../parts/commandButton.js";

const QUESTION = {
  title: "Put the damaged record away?",
  text: "Its id can be used again then. The file itself stays on the server’s disk, for whoever may repair it.",
  yes: "Put it away",
  no: "Leave it",
};

export function Damaged({ workflow_id }: { workflow_id: string }) {
  const { client, connection } = usePage();
  return (
    <section class="empty" data-testid="damaged">
      <h1>Its record is damaged</h1>
      <p>
        What was kept of <code>{workflow_id}</code> cannot be read. Its file is still there, and the
        server’s log names it. Nobody can use this id until the damaged record was put away.
      </p>
      <CommandButton
        testid="put-away"
        obstacle={commandObstacle(connection.value)}
        question={QUESTION}
        run={() => clearWorkflow(client, workflow_id, null)}
      >
        Put it away…
      </CommandButton>
    </section>
  );
}

/** The place of a workflow whose record the server cannot read. */
import { LIST } from "../../index.js";
import { clearWorkflow } from "../commands/clearCommand.js";
import { CommandButton } from "../commands/commandButton.js";
import { runCommand } from "../commands/runCommand.js";
import { formatClock, parseTime } from "../look/time.js";
import type { Question, QuestionText } from "../page/asking.js";
import { commandObstacle } from "../page/inStep.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";

const PUT_AWAY: QuestionText = {
  title: "Put the damaged record away?",
  text: "Its id can be used again then. The file itself stays on the server’s disk, for whoever may repair it.",
  yes: "Put it away",
  no: "Leave it",
  isDanger: true,
};

const restoreText = (time: string): QuestionText => ({
  title: `Restore the version of ${time}?`,
  text: `What came after ${time} is lost: steps may have gone further than it says, and their effects stay. It comes back as interrupted, and somebody has to go on with it. The damaged file stays on the server’s disk.`,
  yes: "Restore it",
  no: "Leave it",
  isDanger: true,
});

export function Damaged({ workflow_id }: { workflow_id: string }) {
  const { client, connection } = usePage();
  const { list } = useView(LIST);
  const damage = Object.values(list?.damaged ?? {}).find(
    (one) => one.workflow_id === workflow_id && !one.in_history,
  );
  const savedAt = parseTime(damage?.backup?.saved_at);
  const time = savedAt === null ? null : formatClock(savedAt);
  const obstacle = commandObstacle(connection.value);
  /** Asked for as long as this damage is there. */
  const asking = (text: QuestionText, run: Question["run"]): Question => ({
    about: workflow_id,
    textOf: (view) => (view?.closed === "damaged" ? text : null),
    run,
  });
  const restore: Question["run"] = async ({ requestId }) => {
    const result = await runCommand(client, { kind: "restore", workflow_id }, { requestId });
    return result.ok ? null : result.why;
  };
  return (
    <section class="empty" data-testid="damaged">
      <h1>Its record is damaged</h1>
      <p>
        What was kept of <code>{workflow_id}</code> cannot be read. Its file is still there, and the
        server’s log names it. Nobody can use this id until{" "}
        {time !== null && "an earlier version was restored or "}
        the damaged record was put away.
      </p>
      {time !== null && (
        <CommandButton
          kind="primary"
          testid="restore"
          obstacle={obstacle}
          question={asking(restoreText(time), restore)}
        >
          {`Restore the version of ${time}…`}
        </CommandButton>
      )}
      <CommandButton
        testid="put-away"
        obstacle={obstacle}
        question={asking(PUT_AWAY, ({ requestId }) =>
          clearWorkflow(client, workflow_id, { requestId }),
        )}
      >
        Put it away…
      </CommandButton>
    </section>
  );
}

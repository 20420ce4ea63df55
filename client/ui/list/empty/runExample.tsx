/** Starts the example workflow in this tab and goes to it. */

import { CommandButton } from "../../commands/commandButton.js";
import type { QuestionText } from "../../page/asking.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";

const ASKED: QuestionText = {
  title: "Run the example in this tab?",
  text: "Its six steps take half a minute and touch nothing: they only pretend. It stops where this tab is closed.",
  yes: "Run it",
  no: "Not now",
};

export function RunExample({ kind }: { kind?: "primary" | undefined }) {
  const { connection, runs, router } = usePage();
  async function run(): Promise<string | null> {
    const workflow_id = await runs.start();
    if (workflow_id === null) return `Not started: ${runs.trouble.value?.text ?? "no answer"}`;
    router.go({ name: "workflow", workflow_id });
    return null;
  }
  return (
    <CommandButton
      kind={kind}
      testid="run-example"
      obstacle={commandObstacle(connection.value)}
      question={{ about: null, textOf: () => ASKED, run }}
    >
      Run the example in this tab…
    </CommandButton>
  );
}

/** Starts the example workflow in this tab and goes to it. */
import { commandObstacle } from "../connectionWords.js";
import { usePage } from "../page.js";
import { CommandButton } from "../parts/commandButton.js";

export function RunExample({ kind }: { kind?: "primary" | undefined }) {
  const { connection, runs, router } = usePage();
  async function start(): Promise<string | null> {
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
      run={start}
    >
      Run the example in this tab
    </CommandButton>
  );
}

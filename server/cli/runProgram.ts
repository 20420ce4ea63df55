/** The words for workflows that a server runs: what there is, start, cancel, resume, retry, answer. */
import type { Command } from "commander";
import type { CliContext } from "./context.js";
import { examples, repeated, withServer } from "./words.js";

const AN_ID = 'its id, the address of its page, or "current" for whichever is running';

export function addRunCommands(
  program: Command,
  context: CliContext,
  ends: (code: number) => void,
): void {
  withServer(program.command("definitions"))
    .description("List what can be started on a server, and the files that cannot be used.")
    .option("--json", "print one JSON object a line")
    .action(async (flags) => {
      ends(await (await import("./definitions.js")).definitions(flags, context));
    });

  withFollow(withInputs(withServer(program.command("start"))))
    .description("Start a definition on a server, which runs it whoever watches.")
    .argument("<name>", "of the definition; `instep definitions` lists them")
    .option("--id <id>", "the new workflow's id (default: made up)")
    .addHelpText(
      "after",
      examples(
        ["instep start backup --follow", ""],
        ["instep start deploy --input host=example.com --skip notify", ""],
        ["instep start deploy --secret token < token.txt", "a line for each secret"],
      ),
    )
    .action(async (name: string, flags) => {
      ends(await (await import("./start.js")).start(name, flags, context));
    });

  withFollow(withServer(program.command("cancel")))
    .description("Stop a workflow: SIGTERM to its command and all it started, SIGKILL after 10 s.")
    .argument("<id>", AN_ID)
    .option("--now", "do not wait: SIGKILL at once")
    .action(async (id: string, flags) => {
      ends(await (await import("./steer.js")).cancel(id, flags, context));
    });

  withFollow(withServer(program.command("resume")))
    .description("Go on with an interrupted workflow, from its first step that is not done.")
    .argument("<id>", AN_ID)
    .option("--done <step>", "its interrupted step (action or index) is done: go on after it")
    .action(async (id: string, flags) => {
      ends(await (await import("./steer.js")).resume(id, flags, context));
    });

  withFollow(withServer(program.command("retry")))
    .description("Run an ended workflow again as a new one that keeps the steps before.")
    .argument("<id>", AN_ID)
    .option("--from <step>", "its action or index (default: the first that is not done)")
    .action(async (id: string, flags) => {
      ends(await (await import("./start.js")).retry(id, flags, context));
    });

  withFollow(withServer(program.command("answer")))
    .description("Answer what a workflow asks. Without values: asks you, in a terminal.")
    .argument("<id>", AN_ID)
    .argument("[values...]", "as field=value")
    .option("--by <name>", "who answers (default: this machine)")
    .addHelpText(
      "after",
      examples(
        ["instep answer current", "shows the question"],
        ["instep answer deploy-7 go=yes", ""],
      ),
    )
    .action(async (id: string, values: string[], flags) => {
      ends(await (await import("./steer.js")).answer(id, values, flags, context));
    });
}

/** What `start` and `run` know of a definition's inputs and steps. */
export function withInputs(command: Command): Command {
  return command
    .option("--input <key=value>", "an input; may be repeated", repeated)
    .option("--secret <key>", "an input read from a line of standard input", repeated)
    .option("--skip <action>", "switch a step off; may be repeated", repeated)
    .option("--enable <action>", "switch on a step that is off by itself", repeated);
}

function withFollow(command: Command): Command {
  return command
    .option("-f, --follow", "watch it until it ends, and end like it")
    .option("--json", "print one JSON object a line");
}

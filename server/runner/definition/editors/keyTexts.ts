/** The texts that an editor shows for each key of a recipe, and the values it offers. docs/recipes.md says more. */
import { WEBHOOK_WORDS } from "./webhookTexts.js";

export interface KeyWords {
  readonly about: string;
  /** As one writes it; only where the schema itself does not tell. */
  readonly usual?: unknown;
  readonly examples?: readonly unknown[];
}

/** The map of a recipe that a key belongs to. */
export type Kind =
  | "recipe"
  | "concurrency"
  | "hook"
  | "webhook"
  | "step"
  | "question"
  | "field"
  | "source"
  | "on";

export const KEY_WORDS: Readonly<Record<Kind, Readonly<Record<string, KeyWords>>>> = {
  recipe: {
    name: {
      about: "What `instep start` is given. No two recipes of a folder have the same.",
      examples: ["nightly"],
    },
    title: { about: "What people read, in place of the name.", examples: ["Nightly backup"] },
    description: { about: "Stands above the form. Addresses in it are links." },
    inputs: {
      about:
        "What whoever starts it is asked for: `name: {type: …}`. Commands find `INPUT_<NAME>`.",
      examples: [{ host: { type: "string", required: true } }],
    },
    env: { about: "Variables for every step: `NAME: value`.", examples: [{ LC_ALL: "C" }] },
    on_restart: {
      about:
        "After a crash of the server: `ask` waits until somebody says how to go on, `resume` goes on by itself where the step is `idempotent`.",
    },
    on_node_loss: {
      about:
        "Where the node of a cluster that runs it is lost: `wait` for that node or for somebody, or `resume` on another node where the step is `idempotent`, once its command has surely ended.",
    },
    step_delay: { about: "A pause between two steps.", usual: "0s", examples: ["2s"] },
    shell: {
      about:
        "What `run` is given to, for every step that does not say another one: `sh`, `bash`, or a list with a program and its arguments.",
      examples: ["bash", ["python3", "-c"]],
    },
    timeout: {
      about: "How long the whole workflow may take. Then its step is stopped, and it has failed.",
      examples: ["1h"],
    },
    concurrency: {
      about: "How many workflows of a group run at once, and what becomes of one too many.",
      examples: [{ group: "deploy", limit: 1, when_busy: "wait" }],
    },
    node: {
      about: "In a cluster, only a server that has all of these labels runs it (`--node-label`).",
      examples: ["gpu", ["gpu", "arm"]],
    },
    on_end: {
      about:
        "A command that runs when the workflow has ended, however it did. It changes nothing of how.",
      examples: [{ run: "./tell-everybody.sh" }],
    },
    on_blocked: {
      about: "A command that runs when the workflow begins to wait for an answer.",
      examples: [{ run: "./tell-everybody.sh" }],
    },
    webhooks: {
      about:
        "Addresses that are told, over HTTP, when the workflow has ended, asks, or is interrupted.",
      examples: [[{ url: "https://example.org/hook", secret: { env: "HOOK_SECRET" } }]],
    },
    steps: {
      about: "What is done, one after the other. Each has an `action`, and `run`, `argv` or `ask`.",
      examples: [[{ action: "build", run: "make" }]],
    },
  },
  concurrency: {
    group: { about: "Workflows of one group count together.", examples: ["deploy"] },
    limit: { about: "How many of them run at once." },
    when_busy: {
      about:
        "One too many: `wait` runs it later, `refuse` does not start it, `cancel_running` cancels the one that runs.",
    },
  },
  hook: {
    run: {
      about:
        "A command for the shell. It finds the state's summary as JSON on its standard input, and in `INSTEP_…`.",
      examples: ["./tell-everybody.sh"],
    },
    argv: { about: "A program and its arguments, without a shell. In place of `run`." },
    shell: { about: "What `run` is given to." },
    timeout: { about: "How long it may take.", examples: ["30s"] },
    env: { about: "Variables for this command." },
    cwd: { about: "Where it runs. A relative path starts at the recipe's folder." },
  },
  webhook: WEBHOOK_WORDS,
  step: {
    action: {
      about: "The step's name, for `--from`, `--skip` and addresses. Each has another one.",
      examples: ["build"],
    },
    title: { about: "What people read, in place of the action.", examples: ["Build the site"] },
    run: {
      about: "A command for the shell. It fails with any exit code but 0.",
      examples: ["make all", "set -eu\nmake\nmake install\n"],
    },
    argv: {
      about: "A program and its arguments, without a shell. In place of `run`.",
      examples: [["rsync", "-a", "site/", "backup:site/"]],
    },
    ask: {
      about: "A question that somebody has to answer first. Alone, it is the whole step.",
      examples: [{ prompt: "Switch over?", fields: { go: { type: "boolean", required: true } } }],
    },
    cwd: {
      about: "Where the command runs. A relative path starts at the recipe's folder.",
      usual: ".",
      examples: ["../public"],
    },
    env: {
      about: "Variables for this step; they win over all others.",
      examples: [{ LC_ALL: "C" }],
    },
    timeout: {
      about: "How long one attempt may take. Then it is stopped, and has failed.",
      examples: ["10m"],
    },
    retries: { about: "How many more attempts there are when one fails.", examples: [3] },
    backoff: {
      about: "The pause before the first retry. It doubles each time, up to 5 minutes.",
      usual: "5s",
      examples: ["30s"],
    },
    when: {
      about:
        "`success` runs it where all went well so far, `failure` only after something failed, `always` also after a failure, a cancel or a timeout.",
    },
    continue_on_error: {
      about:
        "After the last attempt failed: `true` runs the next step, and the workflow can still complete.",
      usual: false,
    },
    when_failed: { about: "The old name of `continue_on_error`: write that." },
    shell: {
      about: "What `run` is given to: `sh`, `bash`, or a list with a program and its arguments.",
      examples: ["bash", ["python3", "-c"]],
    },
    tty: {
      about:
        "`true`: the command prints to a terminal, for colours and progress bars. It needs `script` of util-linux.",
    },
    on: {
      about:
        "The machine that the command runs on: `ssh` is the one that the recipe's input of type `ssh` names. It goes on there while the link or the server is away.",
      examples: ["ssh", { ssh: "machine" }],
    },
    leaves: {
      about: "`true`: what the command leaves running lives on, such as a daemon.",
    },
    survives: {
      about:
        "`false`: the command ends when the server does. Otherwise it goes on, and the next server takes it up.",
      usual: true,
      examples: [false],
    },
    stop_signal: {
      about: "What the command is told first when it has to stop.",
      examples: ["SIGINT"],
    },
    stop_timeout: {
      about: "How long it may take to stop, before it is killed.",
      examples: ["30s"],
    },
    parallel: {
      about: "Steps that run side by side, in place of a command.",
      examples: [
        [
          { action: "front", run: "make front" },
          { action: "back", run: "make back" },
        ],
      ],
    },
    max: { about: "How many of `parallel` run at once.", examples: [2] },
    fail_fast: {
      about: "`true`: where one step of `parallel` fails, the others are stopped.",
      usual: false,
    },
    progress: {
      about:
        "Reads the percentage from what is printed: `rsync`, or a pattern that has it in its first group.",
      examples: ["rsync", "(\\d+)%"],
    },
    idempotent: {
      about: "Doing it twice does no harm. Only such a step goes on by itself after a crash.",
    },
    enabled: {
      about: "`false`: left out, unless whoever starts it switches it on with `--enable`.",
    },
  },
  on: {
    ssh: {
      about: "The input of type `ssh` that says where to go. Needed where there are several.",
      examples: ["machine"],
    },
    identity_file: {
      about:
        "A private key's file on the server. Without it, the agent and the usual keys are tried.",
      examples: ["~/.ssh/id_deploy", "$INPUT_KEY"],
    },
  },
  question: {
    prompt: {
      about: "What is asked. `{{output}}` stands for what `when` printed.",
      examples: ["Switch over now?"],
    },
    fields: {
      about:
        "What the answer holds: `name: {type: …}`. Commands find `ANSWER_<NAME>`. Without any, the question is only confirmed.",
      examples: [{ go: { type: "boolean", required: true } }],
    },
    when: {
      about: "A command that decides: 0 asks, 1 goes on without asking, any other code fails.",
      examples: ["test -e old"],
    },
    deadline: {
      about: "How long it waits. Then `default` is the answer; without one the step fails.",
      examples: ["2h"],
    },
    default: {
      about: "The answer at the deadline: `field: value`. It needs a `deadline`.",
      examples: [{ go: false }],
    },
  },
  field: {
    type: {
      about: "`string`, `number`, `boolean`, `choice`, `secret`, or `ssh` for a connection.",
    },
    title: { about: "What people read, in place of the name.", examples: ["Host"] },
    description: { about: "Stands below the title." },
    required: {
      about: "It has to be given. In a question, a `boolean` that is required is a gate.",
      usual: false,
    },
    default: { about: "What counts where nothing is given." },
    pattern: {
      about:
        "A regular expression that the text has to match. `^` and `$` make it match as a whole.",
      examples: ["^[0-9.]+$"],
    },
    min: { about: "The least." },
    max: { about: "The most." },
    options: { about: "What there is to choose from.", examples: [["test", "live"]] },
    from: {
      about:
        "Where the server has the secret, so that nobody types it: in a variable or in a file.",
      examples: [{ env: "DEPLOY_KEY" }, { file: "/etc/instep/deploy.key" }],
    },
  },
  source: {
    env: { about: "A variable of the server.", examples: ["DEPLOY_KEY"] },
    file: { about: "A file on the server.", examples: ["/etc/instep/deploy.key"] },
  },
};

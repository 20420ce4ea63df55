/** The example workflows that run in this tab, and the one way to stop each. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { DriveOptions, InstepClient } from "../../index.js";

/** Also in example.ts, which is loaded when it is run. */
export const EXAMPLE_NAME = "instep-example";

export interface Trouble {
  /** Null where it did not even start. */
  readonly workflow_id: string | null;
  readonly text: string;
}

export interface ExampleRuns {
  /** Ids of what runs here; a cancelled one stays until the server has confirmed. */
  readonly here: ReadonlySignal<ReadonlySet<string>>;
  readonly cancelling: ReadonlySignal<ReadonlySet<string>>;
  /** The error of the last run; null where there was none. */
  readonly trouble: ReadonlySignal<Trouble | null>;
  readonly tabName: string;
  /** Resolves with the id once the workflow is on the server; null where it did not start. */
  start(): Promise<string | null>;
  resume(workflow_id: string): Promise<string | null>;
  /** Null: nothing can go wrong here, the server's word comes with the next state. */
  cancel(workflow_id: string): null;
}

/** Only its own name tells that the handlers here are the right ones to go on with. */
export const isExample = (name: string | null | undefined): boolean => name === EXAMPLE_NAME;

export function createExampleRuns(client: InstepClient, tabName: string): ExampleRuns {
  const here = signal<ReadonlySet<string>>(new Set());
  const cancelling = signal<ReadonlySet<string>>(new Set());
  const trouble = signal<Trouble | null>(null);
  const stops = new Map<string, AbortController>();

  function run(resumed?: string): Promise<string | null> {
    const stop = new AbortController();
    let started: string | null = null;
    trouble.value = null;
    return new Promise((resolve) => {
      const ended = () => {
        if (started === null) return resolve(null);
        stops.delete(started);
        here.value = without(here.value, started);
        cancelling.value = without(cancelling.value, started);
      };
      const options: DriveOptions = {
        ...(resumed !== undefined && { workflow_id: resumed, resume: true }),
        driver: tabName,
        signal: stop.signal,
        onStart({ workflow_id }) {
          started = workflow_id;
          stops.set(workflow_id, stop);
          here.value = new Set([...here.value, workflow_id]);
          resolve(workflow_id);
        },
      };
      // To drive takes code that most visits do without.
      const part = import("./example.js");
      part
        .then(({ driveExample }) => driveExample(client, options))
        .then(ended, (why: unknown) => {
          const text = why instanceof Error ? why.message : String(why);
          trouble.value = { workflow_id: started, text };
          ended();
        });
    });
  }

  return {
    here,
    cancelling,
    trouble,
    tabName,
    start: () => run(),
    resume: (workflow_id) => run(workflow_id),
    cancel(workflow_id) {
      const stop = stops.get(workflow_id);
      if (!stop) return null;
      cancelling.value = new Set([...cancelling.value, workflow_id]);
      stop.abort(new Error("cancelled in the tab that runs it"));
      return null;
    },
  };
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const left = new Set(ids);
  left.delete(id);
  return left;
}

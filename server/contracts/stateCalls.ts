/** The calls for a workflow's state and for what its steps print, for the table of calls. */
import type { ErrorCode } from "../../shared/errors.js";
import { type Calls, command, json, READING, read, STEP, UNCHANGED, WRITING } from "./call.js";
import { LOG_QUERY, SUBJECT, TIMES_QUERY } from "./parameters.js";
import { ASKED, WRITTEN } from "./refusals.js";

const OUTPUT_REFUSED: readonly ErrorCode[] = ["unknown_workflow", "unknown_step", "damaged"];
const OUTPUT_HEADERS = [
  "Instep-Log-Attempt",
  "Instep-Log-From?",
  "Instep-Log-Next?",
  "Instep-Log-Whole?",
] as const;

/** The state and its parts. */
export const STATE: Calls = {
  "/workflow/state": {
    get: {
      ...read("The state of a workflow", "StateAnswer", {
        parameters: READING,
        refused: ["too_many"],
      }),
      told: { 200: json("StateAnswer", "The state, or null.", ["ETag"]), 304: UNCHANGED },
    },
    post: command("Save a whole state, or start a workflow", "State", 200, "Saved", [
      "already_ended",
      "id_in_use",
    ]),
    patch: command("Change keys of the state", "StatePart", 200, "Saved", ["already_ended"]),
    delete: command("Clear a workflow for good", "Clear?", 200, "Cleared", [
      "ambiguous",
      "running_here",
    ]),
  },
  "/workflow/clear": {
    post: command("Clear a workflow for good", "Clear?", 200, "Cleared", [
      "ambiguous",
      "running_here",
    ]),
  },
  "/workflow/state/summary": {
    get: read("The progress in one line", "SummaryAnswer", { parameters: [SUBJECT] }),
  },
  "/workflow/state/steps/{index}": {
    patch: {
      ...command("Report a step, or a part of it", "StepPart", 200, "Saved", [
        "already_ended",
        "unknown_step",
      ]),
      parameters: [STEP, ...WRITING],
    },
  },
  "/workflow/state/deliveries": {
    get: read("What webhooks were told of a workflow", "Deliveries", {
      parameters: [SUBJECT],
      refused: ["unknown_workflow", "damaged", "not_saved"],
    }),
  },
  "/workflow/state/deliveries/{id}/retry": {
    post: {
      summary: "Send one to its webhook again",
      parameters: [{ in: "path", name: "id" }, SUBJECT],
      told: { 202: json("DeliveryRetried", "It is sent again.") },
      refused: [...WRITTEN, "unknown_workflow", "not_found", "damaged"],
    },
  },
};

/** Output by offsets. */
export const OUTPUT: Calls = {
  "/workflow/state/steps/{index}/log": {
    get: {
      summary: "What a step printed",
      parameters: [STEP, SUBJECT, ...LOG_QUERY, { in: "header", name: "Range" }],
      told: {
        200: {
          schema: null,
          content: ["text/plain"],
          headers: OUTPUT_HEADERS,
          words: "Its bytes.",
        },
        206: {
          schema: null,
          content: ["text/plain"],
          headers: OUTPUT_HEADERS,
          words: "The range.",
        },
      },
      refused: [...ASKED, ...OUTPUT_REFUSED, "no_such_range", "too_many"],
    },
    post: {
      summary: "Append to what a step prints",
      parameters: [
        STEP,
        SUBJECT,
        { in: "query", name: "attempt" },
        { in: "query", name: "at" },
        { in: "header", name: "Instep-Token" },
      ],
      body: "bytes",
      told: { 200: json("LogAppended", "The offsets where it begins and ends.") },
      refused: [
        ...WRITTEN,
        ...OUTPUT_REFUSED,
        "not_text",
        "offset_moved",
        "already_ended",
        "stale_driver",
      ],
    },
  },
  "/workflow/state/steps/{index}/log/times": {
    get: read("When it was printed", "LogTimes", {
      parameters: [STEP, SUBJECT, ...TIMES_QUERY],
      refused: [...OUTPUT_REFUSED],
    }),
  },
};

/** The one table of the calls of REST: the OpenAPI document is made of it, and a test holds it against the routes of ingress/rest/rest.ts. */
import { type Calls, command, document, json, read } from "./call.js";
import { LIST_QUERY, SUBJECT } from "./parameters.js";
import { ASKED, WRITTEN } from "./refusals.js";
import { OUTPUT, STATE } from "./stateCalls.js";

const RUNS: Calls = {
  "/workflow/start": {
    post: {
      ...command("Start a definition", "Start", 201, "Started", [
        "unknown_definition",
        "id_in_use",
        "group_busy",
        "secret_missing",
        "already_ended",
      ]),
      told: {
        200: json("Planned", "With `dry_run`: nothing was started."),
        201: json("Started", "A new workflow."),
      },
    },
  },
  "/workflow/stop": {
    post: command("Cancel a workflow", "Stop?", 202, "Stopped", ["already_ended"]),
  },
  "/workflow/answer": {
    post: command("Answer a question", "Answer", 200, "Answered", [
      "already_ended",
      "not_waiting",
      "already_answered",
    ]),
  },
  "/workflow/resume": {
    post: command("Go on after an interruption", "Resume?", 200, "WentOn", [
      "already_ended",
      "not_waiting",
      "already_answered",
      "not_resumable",
      "secret_missing",
    ]),
  },
  "/workflow/retry": {
    post: command("An ended workflow again, as a new one", "Retry?", 201, "Started", [
      "already_ended",
      "not_waiting",
      "not_resumable",
      "step_switched_off",
      "secret_missing",
      "group_busy",
    ]),
  },
  "/workflow/restore": {
    post: command("Bring a damaged workflow back", "Restore?", 200, "Restored"),
  },
  "/workflow/definitions": { get: read("What can be started here", "Definitions") },
  "/workflow/definitions/schema.json": {
    get: document("The JSON Schema of a recipe", { isPublic: true }),
  },
};

const REST: Calls = {
  "/workflow/share": {
    post: {
      summary: "Make a link that shows one workflow",
      parameters: [SUBJECT],
      body: "ShareMake?",
      told: { 201: json("ShareMade", "The link; its token is shown this once.") },
      refused: [...WRITTEN, "unknown_workflow", "damaged", "too_many"],
    },
    delete: {
      summary: "Take a link back",
      parameters: [SUBJECT],
      body: "ShareTake",
      told: { 200: json("ShareTaken", "The link that was taken back.") },
      refused: [...WRITTEN, "not_found"],
    },
  },
  "/workflow/shares": {
    get: read("The links that have not ended", "Shares", { parameters: [SUBJECT] }),
  },
  "/workflow/request": {
    get: read("How this request came in, for whoever sets up a proxy", "CameAs"),
  },
  "/workflows": {
    get: read("All workflows, or those that are searched for", "ListAnswer", {
      parameters: LIST_QUERY,
    }),
  },
  "/workflow/live": {
    get: {
      summary:
        "The frames of one subscription as server-sent events; with an upgrade the WebSocket (asyncapi.json)",
      parameters: [SUBJECT, { in: "header", name: "Last-Event-ID" }],
      told: {
        200: { schema: null, content: ["text/event-stream"], words: "Each event is a frame." },
      },
      refused: [...ASKED, "upgrade_required", "too_many"],
    },
  },
  "/workflow/openapi.json": { get: document("This document") },
  "/workflow/asyncapi.json": { get: document("The frames of the WebSocket (AsyncAPI 3)") },
  "/metrics": {
    get: {
      summary: "What the server counts, for Prometheus",
      told: {
        200: { schema: null, content: ["text/plain"], words: "Its text format, 0.0.4." },
      },
      refused: [...ASKED, "not_found"],
    },
  },
  "/healthz": {
    get: {
      summary: "Whether the process lives",
      isPublic: true,
      told: { 200: json("Healthy", "It does.") },
      refused: [],
    },
  },
  "/readyz": {
    get: {
      summary: "Whether it would take a command now",
      isPublic: true,
      told: { 200: json("Ready", "It would."), 503: json("NotReady", "It would not.") },
      refused: [],
    },
  },
};

/** The calls that anybody may make. Those between nodes of a cluster are not among them. */
export const CALLS: Calls = { ...STATE, ...OUTPUT, ...RUNS, ...REST };

/** Plain Express with the same calls: the state as JSON with an ETag, a summary, a step patched in memory. */
import { createServer } from "node:http";
import express from "express";
import { stateOf } from "../scene.mjs";
import { listenOn, serve } from "./serving.mjs";

const state = stateOf("bench");
const app = express();
app.use(express.json({ limit: "1mb" }));
app.get("/workflow/state", (_request, response) => {
  response.json({ success: true, active: true, state });
});
app.get("/workflow/state/summary", (_request, response) => {
  const { workflow_id, status, current_step, steps } = state;
  const summary = { active: true, workflow_id, status, current_step, total_steps: steps.length };
  response.json({ success: true, summary });
});
app.patch("/workflow/state/steps/:index", (request, response) => {
  Object.assign(state.steps[request.params.index], request.body);
  response.json({ success: true, state });
});
serve(await listenOn(createServer(app)));

/** The workflow as colyseus knows it: a server fills it, and a watcher decodes into an empty one. */
import { ArraySchema, defineTypes, Schema } from "@colyseus/schema";
import { stateOf } from "../scene.mjs";

class Step extends Schema {}
defineTypes(Step, {
  action: "string",
  title: "string",
  status: "string",
  index: "number",
  progress: "number",
  message: "string",
});

export class Workflow extends Schema {
  /** No field of the class: that would hide what the schema sets in its place. */
  constructor() {
    super();
    this.steps = new ArraySchema();
  }
}
defineTypes(Workflow, {
  workflow_id: "string",
  title: "string",
  status: "string",
  current_step: "number",
  steps: [Step],
});

export function schemaOf() {
  const { steps, ...rest } = stateOf("bench");
  const workflow = new Workflow().assign(rest);
  for (const step of steps) workflow.steps.push(new Step().assign(step));
  return workflow;
}

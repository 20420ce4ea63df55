/** The zod schemas as JSON Schema, for the two documents that machines read. */
import * as z from "zod";
import { ClientMessage } from "../../shared/schema/clientMessages.js";
import { Command, type CommandKind } from "../../shared/schema/command.js";
import { GROWS } from "./wireSchema.js";

/** A JSON Schema, or a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** For whom the schemas are. */
export interface HowToTell {
  /**
   * How strict the schemas of what the server tells are. `open`, for the published documents: a later release may tell more (PROTOCOL.md,
   * section 11), so a key or a word that they do not know is no fault. `closed`, for our tests: the server tells what the document knows,
   * and nothing else. A state is open in both, as drivers have fields of their own; what a client sends is closed in both, as the server
   * refuses keys it does not know.
   */
  readonly told: "open" | "closed";
  /** OpenAPI 3.1 speaks draft 2020-12; AsyncAPI 3 speaks draft 7 unless a reader knows more. */
  readonly draft: "draft-2020-12" | "draft-07";
}

/** The schemas of what the server tells, each by its name; they refer to each other below `#/components/schemas/`. */
export function toldSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  { told, draft }: HowToTell,
): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    // A plain object takes anything more, and gives nothing more.
    io: told === "open" ? "input" : "output",
    target: draft,
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => {
      if (told === "open" && GROWS in jsonSchema) delete jsonSchema.enum;
      else delete (jsonSchema as Record<string, unknown>)[GROWS];
      withoutTimePattern(jsonSchema);
    },
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, partOf(schema)]));
}

const sent = (schema: z.ZodType, draft: HowToTell["draft"]): Json =>
  partOf(
    z.toJSONSchema(schema, {
      io: "input",
      target: draft,
      override: ({ jsonSchema }) => withoutTimePattern(jsonSchema),
    }),
  );

interface Choice {
  readonly oneOf?: readonly Choice[];
  readonly properties?: Readonly<Record<string, Json & { readonly const?: unknown }>>;
  readonly required?: readonly string[];
}

/** The frames that a client sends, by their type. */
export function clientFrames(draft: HowToTell["draft"]): ReadonlyMap<string, Json> {
  const { oneOf = [] } = sent(ClientMessage, draft) as Choice;
  return new Map(oneOf.map((one) => [String(one.properties?.type?.const), one as Json]));
}

/** The commands as bodies of REST: each without its `kind`, which the path says. A save that merges is `merge`. */
export function commandBodies(): ReadonlyMap<CommandKind | "merge", Json> {
  const bodies = new Map<CommandKind | "merge", Json>();
  for (const choice of choicesIn(sent(Command, "draft-2020-12") as Choice)) {
    const { kind, merge, ...properties } = choice.properties ?? {};
    const required = (choice.required ?? []).filter((name) => name !== "kind" && name !== "merge");
    const name = merge?.const === true ? "merge" : (kind?.const as CommandKind);
    const body = { ...choice, properties, required };
    bodies.set(name, body as Json);
  }
  return bodies;
}

/** A property of such a body: what `POST /workflow/state` takes is the `state` of a save. */
export const propertyOf = (body: Json | undefined, name: string): Json =>
  (body as Choice | undefined)?.properties?.[name] ?? {};

const choicesIn = (choice: Choice): readonly Choice[] =>
  choice.oneOf === undefined ? [choice] : choice.oneOf.flatMap(choicesIn);

/** As a part of a document: that says itself which schema this is. */
function partOf({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema;
}

/** `format` says the same in a word. */
function withoutTimePattern(schema: { format?: unknown; pattern?: unknown }): void {
  if (schema.format === "date-time") delete schema.pattern;
}

/** The webhooks of a definition as they stand in its file, and the same as the server uses them. */
import * as z from "zod";
import { EVENT_TYPES } from "../../shared/statuses.js";
import {
  headerNameProblem,
  headerValueProblem,
  MOST_HEADERS,
  MOST_NAME_CHARACTERS,
  MOST_URL_CHARACTERS,
  MOST_WEBHOOKS,
  urlProblem,
  usualName,
  WEBHOOK_FORMATS,
  type Webhook,
} from "./webhook.js";

const PLACE = "must be {env: NAME} or {file: path}";

const KeptElsewhere = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({
      file: z
        .string()
        .min(1)
        .max(1_000)
        .regex(/^\P{Cc}*$/u),
    }),
  ],
  { error: PLACE },
);
const KeptText = z.union(
  [z.string().min(1, "must not be empty").max(MOST_URL_CHARACTERS), KeptElsewhere],
  {
    error: `must be text, or ${PLACE.slice("must be ".length)}`,
  },
);

export const WebhookFile = z.strictObject(
  {
    url: KeptText,
    name: z
      .string()
      .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, "must be visible ASCII")
      .max(MOST_NAME_CHARACTERS)
      .optional(),
    events: z
      .array(z.enum(EVENT_TYPES, `must be one of ${EVENT_TYPES.join(", ")}`))
      .min(1, "must not be empty")
      .optional(),
    secret: KeptElsewhere.optional(),
    format: z.enum(WEBHOOK_FORMATS, `must be one of ${WEBHOOK_FORMATS.join(", ")}`).default("json"),
    headers: z.record(z.string(), KeptText, { error: "must be a list of Name: value" }).default({}),
    allow_private: z.boolean("must be true or false").default(false),
  },
  { error: "must be a webhook: `url`, and what goes with it" },
);
type WebhookFile = z.infer<typeof WebhookFile>;

const checked = WebhookFile.superRefine(({ url, headers, allow_private }, context) => {
  const complain = (path: readonly string[], message: string | null) => {
    if (message !== null) context.addIssue({ code: "custom", path: [...path], message });
  };
  if (typeof url === "string") complain(["url"], urlProblem(url, allow_private));
  if (Object.keys(headers).length > MOST_HEADERS)
    complain(["headers"], `must not be more than ${MOST_HEADERS}`);
  for (const [name, value] of Object.entries(headers)) {
    const wrong = typeof value === "string" ? headerValueProblem(value) : null;
    complain(["headers", name], headerNameProblem(name) ?? wrong);
  }
});

export const WebhooksFile = z
  .array(checked, { error: "must be a list of webhooks" })
  .min(1, "must not be empty")
  .max(MOST_WEBHOOKS, `must not be more than ${MOST_WEBHOOKS}`)
  .superRefine((webhooks, context) => {
    const names = webhooks.map(nameOf);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index)
        context.addIssue({
          code: "custom",
          path: [index, "name"],
          message: `there is another one called ${name}: give each a \`name\``,
        });
  });

const nameOf = ({ name, url }: WebhookFile): string => name ?? usualName(url);

/** The same as the server uses it. */
export function webhookOf(file: WebhookFile): Webhook {
  const { url, events = EVENT_TYPES, secret, format, headers, allow_private } = file;
  return {
    ...{ name: nameOf(file), url, events, format, headers },
    ...(secret !== undefined && { secret }),
    allowPrivate: allow_private,
  };
}

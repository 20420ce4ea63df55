/** A REST call that is a command: its body as the command's parts, its headers as the conditions, its token as the bounds. */
import type { Request, Response } from "express";
import { Command } from "../../../shared/schema/command.js";
import { plainCommand } from "../../../shared/schema/plainMessages.js";
import type { Outcome } from "../../state/rules/outcome.js";
import { accessOf } from "../access/caller.js";
import { saidBy } from "../access/said.js";
import { checkCommand, refusalWithin } from "../access/within.js";
import { parseWith } from "../json/strictJson.js";
import { bodyBytes } from "../request/body.js";
import { writeConditions } from "../request/conditions.js";
import type { Receive } from "../request/receive.js";
import type { Unheard } from "../request/unheard.js";

/** Rejects with the refusal of the command. */
export type ReceiveCall = (
  request: Request,
  response: Response,
  command: Command,
) => Promise<Outcome>;

/** The command as its caller gives it. Throws SyncError: `bad_message` where `given` is none (paths in it begin below `under`), `forbidden` where the token does not reach that far. */
export function commandIn(response: Response, given: unknown, under?: string): Command {
  const command = plainCommand(given) ?? parseWith(Command, given, under);
  const { scope, user } = accessOf(response).grant;
  checkCommand(scope, command);
  return saidBy(user, command);
}

/** The way of a command from a REST call to `receive`. */
export const receiveCalls =
  (receive: Receive, unheard: Unheard): ReceiveCall =>
  (request, response, command) => {
    const { scope, user } = accessOf(response).grant;
    const bytes = bodyBytes(response);
    const submission = { command, bytes, user: user ?? undefined, ...writeConditions(request) };
    const heard = unheard.ofCommand(command);
    const outcome = heard ? heard.then(() => receive(submission)) : receive(submission);
    return outcome.catch((error: unknown) => {
      throw refusalWithin(scope, error);
    });
  };

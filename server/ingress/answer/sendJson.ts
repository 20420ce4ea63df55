/** Answers as JSON, kept by no cache unless they say otherwise. */
import type { ServerResponse } from "node:http";

export const sendJson = (response: ServerResponse, answer: object): void =>
  sendText(response, JSON.stringify(answer));

/** `text` is JSON already. */
export function sendText(response: ServerResponse, text: string): void {
  if (!response.hasHeader("Cache-Control")) response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.end(text);
}

/** An HTTP answer as it travelled: fetch unpacks it and hides that. */
import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";

export interface RawAnswer {
  readonly status: number | undefined;
  readonly rawHeaders: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function rawAnswer(url: string, options: RequestOptions = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, options, async (answer) => {
      const { statusCode: status, headers: rawHeaders } = answer;
      try {
        resolve({ status, rawHeaders, body: Buffer.concat(await answer.toArray()) });
      } catch (error) {
        reject(error);
      }
    });
    asked.on("error", reject).end();
  });
}

/** TLS in front of a server, as a proxy that ends it does: bytes go on as they are. Ends with the test. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { onTestFinished } from "vitest";
import { type Certificates, makeCertificates } from "../etcd/certificates.js";

export interface TlsFront {
  readonly port: number;
  /** That of its authority. */
  readonly certificates: Certificates;
  /** New links go there. */
  leadTo(port: number): void;
}

/** Listens with a certificate for `localhost`, of an authority that is made for it in `folder`. */
export async function openTlsFront(folder: string): Promise<TlsFront> {
  const certificates = makeCertificates(folder);
  const [cert, key] = ["member.pem", "member.key"].map((name) => readFileSync(join(folder, name)));
  let target = 0;
  const server = createServer({ cert, key }, (client) => {
    const upstream = connect(target, "127.0.0.1");
    const links = [client, upstream];
    for (const link of links) {
      link.on("error", () => {}); // "close" always follows
      link.on("close", () => links.forEach((each) => void each.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });
  server.on("tlsClientError", () => {}); // Who does not trust it goes away.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    certificates,
    leadTo: (port) => {
      target = port;
    },
  };
}

/** Certificates for members on loopback and for their clients, made by openssl for one test. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  /** Where the files are: ca.pem, member.pem, member.key, client.pem, client.key. */
  readonly folder: string;
  readonly ca: string;
  readonly client: { readonly cert: string; readonly key: string };
}

/** Into a folder that the test removes. */
export function makeCertificates(folder: string): Certificates {
  const openssl = (...words: string[]) =>
    execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=test ca",
    "-days",
    "1",
  );
  writeFileSync(join(folder, "names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  for (const name of ["member", "client"]) {
    openssl(
      "req",
      ...newKey,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
    );
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"];
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...signed,
      "-extfile",
      "names",
      "-out",
      `${name}.pem`,
    );
  }
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  return {
    folder,
    ca: text("ca.pem"),
    client: { cert: text("client.pem"), key: text("client.key") },
  };
}

/** Flags with which a member wants certificates of its clients. */
export const tlsFlags = ({ folder }: Certificates): readonly string[] => [
  `--cert-file=${join(folder, "member.pem")}`,
  `--key-file=${join(folder, "member.key")}`,
  `--trusted-ca-file=${join(folder, "ca.pem")}`,
  "--client-cert-auth",
];

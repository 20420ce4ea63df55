/** The faults of a certificate, as Node calls them, in words that say what to do. */

const UNKNOWN = "is signed by an authority that is not known here";
const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself alone",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN,
};

/** Goes on from "its certificate …", without a full stop; null where the error is none of a certificate of theirs. */
export function certificateFault(error: unknown): string | null {
  const { code = "", host, reason } = (error ?? {}) as Readonly<Record<string, string | undefined>>;
  const untrusted = UNTRUSTED[code];
  if (untrusted) return `${untrusted}: NODE_EXTRA_CA_CERTS says which file to trust`;
  if (code === "CERT_HAS_EXPIRED") return "has expired";
  if (code === "CERT_NOT_YET_VALID")
    return "does not count yet: its time, or the clock here, is wrong";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `is not for ${host ?? "this name"} (${reason ?? "other names"})`;
  return null;
}

/** The calls of etcd's gateway that operators make and Instep never does: compaction, defragmentation, users. */

/** The answer as it came; throws where etcd refuses. */
export async function askEtcd(endpoint: string, path: string, body: object = {}): Promise<unknown> {
  const answer = await fetch(`${endpoint}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`etcd refuses ${path}: ${text}`);
  return JSON.parse(text);
}

/** Forgets what was before that revision. */
export const compact = (endpoint: string, revision: number): Promise<unknown> =>
  askEtcd(endpoint, "kv/compaction", { revision: String(revision), physical: true });

/** Room was made: whoever raised the alarm takes it back. */
export async function takeBackAlarms(endpoint: string): Promise<void> {
  const { alarms } = (await askEtcd(endpoint, "maintenance/alarm", { action: "GET" })) as {
    alarms: readonly object[];
  };
  for (const raised of alarms) {
    await askEtcd(endpoint, "maintenance/alarm", { action: "DEACTIVATE", ...raised });
  }
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** From now on etcd asks who calls: root may all, `user` may do everything below the prefix. */
export async function askForUsers(
  endpoint: string,
  { user, password, prefix }: { user: string; password: string; prefix: string },
): Promise<void> {
  const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
  const perm = { permType: "READWRITE", key: base64(prefix), range_end: base64(end) };
  await askEtcd(endpoint, "auth/user/add", { name: "root", password: "root" });
  await askEtcd(endpoint, "auth/user/grant", { user: "root", role: "root" });
  await askEtcd(endpoint, "auth/user/add", { name: user, password });
  await askEtcd(endpoint, "auth/role/add", { name: "below" });
  await askEtcd(endpoint, "auth/role/grant", { name: "below", perm });
  await askEtcd(endpoint, "auth/user/grant", { user, role: "below" });
  await askEtcd(endpoint, "auth/enable");
}

/** The provider: gives the components below it one client, its own or one of yours. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
} from "react";
import { type ClientOptions, createClient, type InstepClient } from "../index.js";
import { ClientHolder } from "./clientHolder.js";
import { ClientMissing } from "./clientMissing.js";

const Holder = createContext<ClientHolder | null>(null);

/**
 * Either `client`, which stays yours to close, or the options of a client that the provider opens and closes. Another `url` or `token`
 * makes another client; the other options count from then on.
 */
export type InstepProviderProps = { readonly children?: ReactNode } & (
  | { readonly client: InstepClient }
  | ({ readonly client?: undefined } & ClientOptions)
);

/** Has one client for all that is below it. Its own is closed when it is unmounted, with every socket and timer. Fetches nothing while it is rendered. */
export function InstepProvider({
  client,
  children,
  ...options
}: InstepProviderProps): ReactElement {
  const given: ClientOptions = options;
  const newest = useRef(given);
  newest.current = given;
  const { token } = given;
  // Two URL objects of one address are one address.
  const url = given.url === undefined ? undefined : String(given.url);
  const holder = useMemo(() => {
    if (client) return new ClientHolder(() => client, leaveOpen);
    const open = () => createClient({ ...newest.current, url, token });
    return new ClientHolder(open, (own) => own.close());
  }, [client, url, token]);
  useEffect(() => holder.mounted(), [holder]);
  return createElement(Holder.Provider, { value: holder }, children);
}

const leaveOpen = (): void => {};

/** The holder of the nearest provider. Throws ClientMissing where there is none. */
export function useHolder(): ClientHolder {
  const holder = useContext(Holder);
  if (!holder) throw new ClientMissing();
  return holder;
}

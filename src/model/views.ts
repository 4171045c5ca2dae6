import type { ConnectOutcome } from './measured.ts';

/** From where one looks: this client, another client, or the target's own machine. */
export const VIEW_KINDS = ['client', 'vantage', 'server'] as const;

/** The name of this client's own view. */
export const HERE = 'here';

/** Made by this client itself. */
export const isFromHere = ({ view }: { view?: string }): boolean => view === undefined;

/** Made by another client: neither by this one nor by the other end. */
export const isVantage = ({ view, probe }: { view?: string; probe: string }): boolean =>
  view !== undefined && probe !== 'other-end';

/** What of a run is handed to whoever looks from elsewhere. */
export const GIVEN = ['name', 'address', 'port', 'reference', 'control'] as const;
export type Given = (typeof GIVEN)[number];

/** The public service of that name; its own host is no secret of anybody's. */
export const GLOBALPING_HOST = 'api.globalping.io';

/** What a vantage could not do: it has no tool for it, or was not let. */
export const VIEW_GAPS = ['errno', 'time', 'sender', 'sweep', 'name', 'route'] as const;
export type ViewGap = (typeof VIEW_GAPS)[number];

/** A place that observations were made from. Those of this client name none. */
export interface View {
  name: string;
  kind: (typeof VIEW_KINDS)[number];
  /** How it was reached: the carrier (`ssh:DEST`), the file of an answer. Null for this client. */
  by: string | null;
  /** False: it could not be looked from there. That counts for nothing, never as evidence against the target. */
  ok: boolean;
  /** Why not, in one sentence for people; null where `ok`. */
  reason: string | null;
  /** Its clock minus this machine's; null where not known. */
  clockOffsetMs: number | null;
  /** Null where not known. */
  privileges: 'root' | 'user' | null;
  /** Of a vantage: what it connects with there (`python3`, `busybox nc`); null or absent = not told. */
  tool?: string | null;
  /** Of a vantage: where it is, as its carrier says (`Falkenstein, DE, AS24940`); null or absent = not told. */
  place?: string | null;
  /** Of a vantage: what it was not able to tell. */
  notChecked?: ViewGap[];
  /**
   * Of a vantage: what it was told, and who can read that: a machine of the user's, or a public service. `at` = the
   * service's host, where it is one.
   */
  given?: { what: Given[]; to: 'own-machine' | 'public-service'; at?: string };
}

/** What connecting to one port of one address came to, from one place. */
export interface Seen {
  port: number;
  outcome: ConnectOutcome;
  /** errno name; null = none, or not told. */
  code: string | null;
  /** Null where nobody held a watch. */
  elapsedMs: number | null;
  /** Who sent the ICMP error or reset that ended it; null = nobody did, or not told. */
  sender: string | null;
}

/** One view of one address of the target: a row of the table view x (target, reference). */
export interface Sight {
  /** Name of the view. */
  view: string;
  address: string;
  /** Null where it was not tried from there. */
  target: Seen | null;
  /** Another port of the same host; null where none is known or it was not tried. */
  reference: Seen | null;
  /** The same port of the user's reference host (--control). */
  control: Seen | null;
  /** The last router that answered SYNs to the port; null where nothing was swept, or none answered. */
  boundary: { hop: number; address: string | null } | null;
  /** Routers on the way from there to the address, nearest first, by SYNs to the port or to the reference port. */
  routers: string[];
  /** What the name leads to there; null where it was not asked, or the target is an address. Empty = it has none. */
  names: string[] | null;
  /** The address is on a network that the place itself is on (no router between them); null where not told. */
  isInside: boolean | null;
  /**
   * Whether it says something about the target: the port answered, or the reference or control did, or routers on the way.
   * A place that reaches nothing at all proves nothing.
   */
  proves: boolean;
}

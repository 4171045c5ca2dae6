/** From where one looks: this client, another client, or the target's own machine. */
export const VIEW_KINDS = ['client', 'vantage', 'server'] as const;

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
}

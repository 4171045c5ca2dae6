/** What --help promises: the most SYNs that one address of the target may get, and the most connections that complete. */
export const SYN_BUDGET = 90;
export const CONNECTION_BUDGET = 24;

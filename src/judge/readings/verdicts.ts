import type { DnsAnswer } from '../../model/measured.ts';
import type { Heard } from './measured.ts';

/** How a resolver that brought no valid response failed. */
export const SILENCES = ['timeout', 'port-closed', 'unreachable', 'malformed', 'connection-failed'] as const;
type Silence = (typeof SILENCES)[number];

/** What one resolver says about the name, all its answers taken together as the C library would. */
export interface Verdict {
  resolver: string;
  configured: boolean;
  /**
   * `failure` = answers, with SERVFAIL, REFUSED or the like; `half` = answers one of A and AAAA with "none" and leaves
   * the other unanswered, so that nothing is known; `silent` = no valid response at all.
   */
  kind: 'addresses' | 'not-found' | 'no-address' | 'failure' | 'half' | 'silent';
  rcode: string | null;
  /** The name that decided; differs from the host where a search domain was appended. */
  name: string;
  addresses: string[];
  cnames: string[];
  ttlSeconds: number | null;
  /** Until the later of its answers. */
  answerMs: number | null;
  extendedErrors: { code: number; text: string }[];
  silence: Silence | null;
  code: string | null;
  ignored: string | null;
  /** How long a silent one was waited for, and over what it was asked last. */
  waitedMs: number | null;
  transport: DnsAnswer['transport'] | null;
  /** The names that were asked, in the order of asking. */
  names: string[];
  /** It gives addresses of one kind and no answer about the other, which programs wait for. */
  unansweredType: DnsAnswer['type'] | null;
}

/** One verdict for each resolver that was asked to the end, in the order of asking. */
export function verdictsIn(asked: readonly Heard<'dns'>[], wanted: string): Verdict[] {
  return (
    asked
      .filter(({ input }) => input.host === wanted)
      // They arrive in the order of their answers; the system asks in the order of the steps' numbers.
      .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
      .map((observation) => {
        const { host, resolver, configured } = observation.input;
        // What this machine had no descriptor left to ask is no word of the resolver.
        const answers = observation.data.answers.filter(({ code }) => code !== 'EMFILE' && code !== 'ENFILE');
        if (answers.length === 0) return null;
        const said = decide(answers, host.replace(/\.$/, ''));
        // While others are still awaited, only an address is certain to stay.
        if (!observation.final && said.kind !== 'addresses') return null;
        const silence = SILENCES.find((word) => word === observation.outcome) ?? null;
        const failed = answers.find(({ outcome }) => outcome === silence);
        return {
          ...said,
          resolver,
          configured,
          silence: said.kind === 'silent' ? (silence ?? 'timeout') : null,
          code: failed?.code ?? null,
          ignored: answers.find(({ ignored }) => ignored !== null)?.ignored ?? null,
          waitedMs: failed === undefined ? null : Math.max(...answers.map(({ elapsedMs }) => elapsedMs)),
          transport: failed?.transport ?? null,
          names: [...new Set(answers.map(({ name }) => name))],
          unansweredType:
            said.kind === 'addresses' && observation.final
              ? (answers.find(({ name, outcome }) => name === said.name && outcome === 'timeout')?.type ??
                null)
              : null,
        };
      })
      .filter((verdict) => verdict !== null)
  );
}

type Said = Omit<
  Verdict,
  | 'resolver'
  | 'configured'
  | 'silence'
  | 'code'
  | 'ignored'
  | 'waitedMs'
  | 'transport'
  | 'names'
  | 'unansweredType'
>;

/** glibc's res_search: the first name with an address; else the name itself where it was tried first; else what says most. */
function decide(answers: readonly DnsAnswer[], host: string): Said {
  const names = [...new Set(answers.map(({ name }) => name))];
  const all = names.map((name) => sayingOf(answers.filter((answer) => answer.name === name)));
  const found = all.find(({ kind }) => kind === 'addresses');
  if (found) return found;
  if (names[0] === host && all[0] && all[0].kind !== 'silent') return all[0];
  // Resolvers refuse single labels for reasons of their own; where the search list was tried, that tells nothing.
  const counted = host.includes('.') ? all : all.filter(({ name }) => name !== host);
  const order = ['no-address', 'failure', 'half', 'not-found', 'silent'] as const;
  const kind = order.find((word) => counted.some((said) => said.kind === word));
  return counted.find((said) => said.kind === kind) ?? (all[0] as Said);
}

/** A and AAAA of one name. An address of either kind makes the other's failure harmless. */
function sayingOf(answers: readonly DnsAnswer[]): Said {
  const heard = answers.filter(({ outcome }) => outcome === 'answered');
  const addresses = heard.flatMap((answer) => answer.addresses);
  const decisive =
    heard.find((answer) => answer.addresses.length > 0) ??
    heard.find(({ rcode }) => rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') ??
    // NOERROR before NXDOMAIN: some load balancers deny the name where they only lack the type.
    heard.find(({ rcode }) => rcode === 'NOERROR') ??
    heard[0];
  const kind =
    decisive === undefined
      ? 'silent'
      : addresses.length > 0
        ? 'addresses'
        : heard.some(({ rcode }) => rcode === 'NXDOMAIN') && !heard.some(({ rcode }) => rcode === 'NOERROR')
          ? 'not-found'
          : decisive.rcode !== 'NOERROR'
            ? 'failure'
            : heard.length < answers.length
              ? 'half'
              : 'no-address';
  const quoted = kind === 'not-found' ? heard.find(({ rcode }) => rcode === 'NXDOMAIN') : decisive;
  const counted = addresses.length > 0 ? heard.filter((answer) => answer.addresses.length > 0) : heard;
  return {
    kind,
    rcode: quoted?.rcode ?? null,
    name: answers[0]?.name ?? '',
    addresses,
    cnames: quoted?.cnames ?? [],
    ttlSeconds: quoted?.ttlSeconds ?? null,
    answerMs: counted.length === 0 ? null : Math.max(...counted.map(({ elapsedMs }) => elapsedMs)),
    extendedErrors: heard.flatMap(({ extendedErrors }) => extendedErrors),
  };
}

/** The configured resolver whose word the system takes: it goes on to the next after silence and failures, not after "no such name". */
export function decidingVerdict(verdicts: readonly Verdict[]): Verdict | null {
  const configured = verdicts.filter((verdict) => verdict.configured);
  return (
    configured.find(({ kind }) => kind === 'addresses' || kind === 'not-found' || kind === 'no-address') ??
    configured.find(({ kind }) => kind === 'failure') ??
    configured.find(({ kind }) => kind === 'half') ??
    null
  );
}

import type { DnsReply } from '../../doors/types.ts';
import type { DnsAnswer } from '../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { because } from '../../model/reasons.ts';
import type { Probe, ProbeContext } from './probe.ts';

type Input = ProbeCatalogue['dns']['input'];

/**
 * What one resolver says about the name: A and AAAA side by side, the search list as the system would use it. The
 * first form of the name is asked alone; only if it has no address, all the others are asked at once.
 */
export const dns: Probe<'dns'> = async (input, context) => {
  const started = context.doors.clock.elapsed();
  const deadline = started + input.timeoutMs;
  const answers: DnsAnswer[] = [];
  const [first, ...others] = candidateNames(input);
  if (first === undefined) return { outcome: 'not-available', reason: because('no-dns-name'), data: null };
  const done = noticeSilence(first, input, context, answers);
  const replies = await askBoth(first, input, deadline, context, answers);
  done();
  // Whoever ends the run does not take back that nothing had come for so long.
  if (context.doors.clock.elapsed() - started >= NOTICE_MS)
    for (const { type, ...reply } of replies)
      if (reply.outcome === 'cancelled') answers.push(answerOf(type, first, reply, 'timeout'));
  const heard = answers.some(({ outcome }) => outcome === 'answered');
  // A resolver that has not answered the first name will not answer the others, and the time is over.
  if (
    heard &&
    others.length > 0 &&
    !answers.some(({ addresses }) => addresses.length > 0) &&
    !context.signal.aborted
  )
    replies.push(
      ...(await Promise.all(others.map((name) => askBoth(name, input, deadline, context, answers)))).flat(),
    );
  if (answers.length === 0) {
    if (replies.some(({ outcome }) => outcome === 'cancelled'))
      return { outcome: 'cancelled', reason: null, data: null };
    const lack = replies.find(({ code }) => code !== null)?.code;
    const reason = lack == null ? because('no-dns-name') : because('no-socket', lack);
    return { outcome: 'not-available', reason, data: null };
  }
  return findingOf(answers, input);
};

/** Programs wait 5 s for a resolver (resolv.conf(5)); silence is told so long before that others need not be waited for. */
export const NOTICE_MS = 2500;

/** After a while tells what is still unanswered as silent so far. Returns how to call it off. */
function noticeSilence(
  name: string,
  input: Input,
  { doors, signal, partial }: ProbeContext<'dns'>,
  answers: readonly DnsAnswer[],
): () => void {
  if (input.timeoutMs <= NOTICE_MS) return () => {};
  const off = new AbortController();
  void doors.clock.sleep(NOTICE_MS, AbortSignal.any([signal, off.signal])).then(() => {
    if (off.signal.aborted || signal.aborted) return;
    const open = (['A', 'AAAA'] as const).filter((type) => !answers.some((one) => one.type === type));
    partial(findingOf([...answers, ...open.map((type) => silentSoFar(type, name))], input));
  });
  return () => off.abort();
}

const silentSoFar = (type: DnsAnswer['type'], name: string): DnsAnswer => ({
  type,
  name,
  outcome: 'timeout',
  rcode: null,
  addresses: [],
  cnames: [],
  ttlSeconds: null,
  extendedErrors: [],
  transport: 'udp',
  elapsedMs: NOTICE_MS,
  ignored: null,
  authoritative: false,
  code: null,
});

const answerOf = (
  type: DnsAnswer['type'],
  name: string,
  { names: _, ...reply }: DnsReply,
  outcome: DnsAnswer['outcome'],
): DnsAnswer => ({ ...reply, type, name, outcome });

const MAX_SEARCH = 6;

/**
 * The absolute names that the system's resolver tries, in its order (resolv.conf(5), ndots and search): a trailing dot
 * means absolute; with at least `ndots` dots the name itself comes first, else last.
 */
export function candidateNames({
  host,
  searchDomains,
  ndots,
}: Pick<Input, 'host' | 'searchDomains' | 'ndots'>): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const searched = searchDomains
    .slice(0, MAX_SEARCH)
    .map((domain) => domain.replace(/^\.+|\.+$/g, ''))
    .filter((domain) => domain !== '')
    .map((domain) => `${host}.${domain}`)
    .filter((name) => name.length <= 253);
  const dots = host.split('.').length - 1;
  return [...new Set(dots >= ndots ? [host, ...searched] : [...searched, host])].filter(
    (name) => name !== '',
  );
}

type TypedReply = DnsReply & { type: DnsAnswer['type'] };

async function askBoth(
  name: string,
  input: Input,
  deadline: number,
  { doors, signal, partial }: ProbeContext<'dns'>,
  answers: DnsAnswer[],
): Promise<TypedReply[]> {
  const timeoutMs = Math.max(1, deadline - doors.clock.elapsed());
  return Promise.all(
    (['A', 'AAAA'] as const).map(async (type) => {
      const { resolver, port } = input;
      const reply = await doors.dnsQuery({ resolver, port, name, type, timeoutMs, signal });
      if (reply.outcome === 'cancelled' || reply.outcome === 'not-asked') return { ...reply, type };
      answers.push(answerOf(type, name, reply, reply.outcome));
      // Only addresses are told early: every other word needs both types and all names.
      if (reply.addresses.length > 0) partial(findingOf(answers, input));
      return { ...reply, type };
    }),
  );
}

/** Of several failures the one that says most leads. */
const FAILURES = ['malformed', 'connection-failed', 'port-closed', 'unreachable', 'timeout'] as const;

function findingOf(answers: readonly DnsAnswer[], input: Input): FindingOf<'dns'> {
  const order = candidateNames(input);
  const sorted = [...answers].sort(
    (a, b) => order.indexOf(a.name) - order.indexOf(b.name) || (a.type < b.type ? -1 : 1),
  );
  const outcome = sorted.some((answer) => answer.outcome === 'answered')
    ? 'answered'
    : (FAILURES.find((failure) => sorted.some((answer) => answer.outcome === failure)) ?? 'timeout');
  return { outcome, reason: reasonOf(sorted), data: { answers: sorted } };
}

function reasonOf(answers: readonly DnsAnswer[]): string | null {
  const overTcp = answers.find(({ outcome, transport }) => outcome !== 'answered' && transport === 'tcp');
  if (overTcp) return because('no-answer-over-tcp', overTcp.outcome);
  const refused = answers.find(({ code }) => code === 'EPERM');
  if (refused) return because('own-filter', 'EPERM');
  const failed = answers.filter(({ outcome }) => outcome !== 'answered');
  const unused = failed.find(({ ignored }) => ignored !== null);
  if (unused) return because('answer-not-used', unused.ignored ?? '');
  // One kind of address may fail where the other only stays silent, or is answered.
  const told = failed.find(({ code = null }) => code !== null);
  if (!told) return null;
  const all = answers.every(({ code }) => code === told.code);
  return because('query-failed', all ? `${told.code}` : `${told.code} for ${told.type}`);
}

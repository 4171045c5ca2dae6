import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closedPort, silentPort } from '../../command/silent-port.ts';
import {
  documentOf,
  type Family,
  IS_ROOT,
  many,
  type Result,
  ROOT,
  runCli,
  together,
  wrongWithReport,
} from '../family.ts';
import { SILENT, withWorlds } from '../world.ts';

const SIDE_BY_SIDE = 50;
/** Processor time is dearer where others use the processor, too; a parser that is not linear takes seconds for so much. */
const LIMIT_MS = 300;
const SIZE = 256 * 1024;
const UNITS = [
  ' ',
  '\n',
  '0',
  'a',
  '.',
  ':',
  '-',
  '*',
  '(',
  '[',
  '1.',
  ':1',
  '1 ',
  'a ',
  '1 ms ',
  ' * * *\n',
  '1.2.3.4 ',
  'ff:',
  '1  1.2.3.4  1 ms\n',
  'from 1.2.3.4',
  'gateway: ',
  'dev ',
  'a: b\r\n',
  '\u00e9',
];

export const time: Family = {
  name: 'time',
  what: `256 KiB of one thing below ${LIMIT_MS} ms of processor time in every parser; ${SIDE_BY_SIDE} runs side by side, towards a closed port, a silent port and a network that swallows: the answers of a run alone`,
  run: async () => together(await parsers(), await sideBySide()),
};

/** Whatever a parser is given beside its text: an address and a context in one. */
const EITHER = Object.assign(new String('192.0.2.7'), {
  address: '192.0.2.7',
  protocol: 'tcp',
  maxTtl: 30,
  complete: true,
});
/** Take what a parser has made of them, and make something of a text as well. */
const NO_PARSERS = new Set(['stepsOf', 'stepsOfRule', 'words']);

type Parse = (...args: unknown[]) => unknown;

/** What is exported beside parsers takes neither text nor octets, of whatever kind. */
const takes = (parse: Parse, input: unknown): boolean => {
  try {
    parse(input, EITHER, EITHER);
    return true;
  } catch {
    return false;
  }
};
const isParser = (name: string, value: unknown): value is Parse =>
  typeof value === 'function' &&
  !NO_PARSERS.has(name) &&
  ['a\n', Buffer.from('a\n')].some((input) => takes(value as Parse, input));

async function parsers(): Promise<Result> {
  const folder = join(ROOT, 'src/parsers');
  const cases: { name: string; parse: Parse; unit: string }[] = [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const exports = (await import(join(folder, file))) as Record<string, unknown>;
    for (const [name, parse] of Object.entries(exports))
      if (isParser(name, parse)) for (const unit of UNITS) cases.push({ name, parse, unit });
  }
  return many(cases, 1, async ({ name, parse, unit }) => {
    const text = unit.repeat(Math.ceil(SIZE / unit.length));
    // The best of three: the first one is compiled on the way.
    let best = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 3 && best > LIMIT_MS; n++) {
      const before = process.cpuUsage();
      // Octets where it takes no text.
      if (!takes(parse, text) && !takes(parse, Buffer.from(text)))
        return `${name}: throws at ${JSON.stringify(unit)}`;
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, (user + system) / 1000);
    }
    return best <= LIMIT_MS ? null : `${name}: ${Math.round(best)} ms for ${JSON.stringify(unit)}`;
  });
}

async function sideBySide(): Promise<Result> {
  const silent = await silentPort();
  try {
    const onLoopback = [`127.0.0.1:${await closedPort()}`, `127.0.0.1:${silent.port}`];
    const results: Result[] = [];
    for (const target of onLoopback) results.push(await crowd(target, []));
    if (IS_ROOT) results.push(await withWorlds(1, [], ([world]) => crowd(SILENT, world!.enter)));
    return together(...results);
  } finally {
    silent.close();
  }
}

/** Share of the lead from which on another cause is about as likely. */
const EVEN = 0.75;

async function crowd(target: string, within: string[]): Promise<Result> {
  const run = () => runCli(['--json', target], { within, patienceMs: 120_000 });
  const alone = documentOf(await run());
  // Two that are about even may change places.
  const leads = (alone?.causes ?? []).filter(
    ({ confidence }) => confidence >= (alone?.causes[0]?.confidence ?? 0) * EVEN,
  );
  const all = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, run));
  const complaints = all.flatMap((ran) => {
    const wrong = wrongWithReport(ran, [1]);
    if (wrong !== null) return [`${target}: ${wrong}`];
    const document = documentOf(ran);
    const same =
      document?.outcome === alone?.outcome && leads.some(({ id }) => id === document?.causes[0]?.id);
    return same
      ? []
      : [`${target}: ${document?.outcome}, ${document?.causes[0]?.id} instead of ${alone?.causes[0]?.id}`];
  });
  return { tried: SIDE_BY_SIDE, complaints, skipped: [] };
}

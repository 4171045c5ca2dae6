/** `npm run lab -- --checks`: what reports ask of others, run by the others, must lead them to the truth. */
import { runsOn, SYSTEMS } from '../../../src/model/systems.ts';
import { type Lab, outputInScenario } from '../laboratory.ts';
import type { Scenario } from '../scenario.ts';
import { type AskedCase, askedCases } from './cases.ts';
import { type Ran, type Reading, readAll } from './reading.ts';

/** Two diagnoses, and the checks between them. */
const LIMIT_SECONDS = 90;

interface Answer {
  outcome: string;
  lead: { id: string; title: string };
  ran: Ran[];
}

const foreign = Object.entries(SYSTEMS).flatMap(([system, { name }]) =>
  runsOn(system, 'linux') ? [] : [name],
);

async function ask(lab: Lab, { scenario }: AskedCase): Promise<{ answer: Answer; reading: Reading }> {
  const asked: Scenario = {
    ...scenario,
    files: (at) => ({
      'addressee.json': JSON.stringify({
        target: scenario.target(at),
        flags: scenario.flags?.(at) ?? [],
        hosts: [
          ...Array.from({ length: at.routers }, (_, i) => [at.hop(i + 1), `r${i + 1}`]),
          [at.server, 'server'],
        ],
        foreign,
        leave:
          lab.mode === 'root'
            ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
            : ['unshare', '--user', '--map-user=1000', '--map-group=1000'],
      }),
    }),
  };
  let known = { port: 0, target: '', client: '' };
  const { text } = await outputInScenario(
    lab,
    asked,
    (at) => {
      known = {
        port: Number(scenario.target(at).split(':').at(-1)),
        target: scenario
          .target(at)
          .replace(/:\d+$/, '')
          .replace(/^\[|\]$/g, ''),
        client: at.client,
      };
      return ['/run/lab/node', `${lab.services}/addressee.js`, 'addressee.json'];
    },
    { as: 'root', limitSeconds: LIMIT_SECONDS },
  );
  const answer = JSON.parse(text) as Answer;
  return { answer, reading: readAll(answer.ran, known) };
}

/** What is wrong with where the checks lead. */
function complaintsOf({ leadsTo, also }: AskedCase, { means, faults }: Reading): string[] {
  const missing = leadsTo.filter((one) => !means.some((meaning) => one.test(meaning)));
  const untrue = means.filter((meaning) => ![...leadsTo, ...also].some((one) => one.test(meaning)));
  return [
    ...faults,
    ...missing.map((one) => `nothing leads to ${one}`),
    ...untrue.map((meaning) => `misleads: ${meaning}`),
  ];
}

/** The number of cases whose checks mislead, or lead nowhere. */
export async function checkCases(
  lab: Lab,
  { words, concurrency }: { words: string[]; concurrency: number },
  stop: AbortSignal,
): Promise<number> {
  const queue = askedCases.filter(({ scenario }) => words.every((word) => scenario.name.includes(word)));
  let [passed, failed] = [0, 0];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one && !stop.aborted; one = queue.shift()) {
      let complaints: string[];
      let lead = '';
      try {
        const { answer, reading } = await ask(lab, one);
        lead = `${answer.lead.id}: ${reading.means.join(' > ')}`;
        complaints = complaintsOf(one, reading);
      } catch (error) {
        complaints = [String(error)];
      }
      console.log(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${one.scenario.name}\n       ${lead}`);
      for (const complaint of complaints)
        console.log(`         ${complaint.replaceAll('\n', '\n           ')}`);
      if (complaints.length === 0) passed++;
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
  console.log(`${passed} passed, ${failed} failed`);
  return failed;
}

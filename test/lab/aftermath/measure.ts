import { NAME } from '../certificates.ts';
import { served, WELL } from '../daemons/served.ts';
import { type Lab, outputInScenario } from '../laboratory.ts';
import { hostPort, type Scenario } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import { type Aftermath, type AftermathResult, type Measured, worseThan } from './aftermath.ts';

const TIMES = 10;
/** A client that is locked out is diagnosed at length. */
const LIMIT_SECONDS = 240;
const CONNECTIONS = 'connections';
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Each count as a line `NUMBER<tab>NAME`. The number of connections is the kernel's (PassiveOpens). */
function measuring({ counts }: Aftermath): string {
  const all = {
    [CONNECTIONS]: "grep '^Tcp:' /proc/net/snmp | tail -n 1 | cut -d ' ' -f 7",
    ...counts,
  };
  return Object.entries(all)
    .map(([name, shell]) => `printf '%s\\t%s\\n' "$(${shell})" '${name}'`)
    .join('; ');
}

function scenarioOf(aftermath: Aftermath): Scenario {
  const { on, daemons, port, tls = false, extra, limits = [] } = aftermath;
  return served({
    name: `what is left behind: ${aftermath.service}`,
    family: 'aftermath',
    on,
    tls,
    daemons: { server: daemons },
    ...extra,
    target: port,
    fault: () => ({ server: [...limits, 'sleep 1.5'] }),
    measure: () => ({ server: [measuring(aftermath)] }),
    truth: WELL,
  });
}

/** Both from the client, one after the other, as the ordinary user. */
function commands(
  { port, careful, tls, insideTls }: Aftermath,
  at: Addresses,
): { careful: string; diagnosis: string } {
  const name = insideTls ? NAME : '';
  return {
    careful: `/run/lab/node "$SERVICES/exam-careful.js" ${at.server} ${port} ${quote(JSON.stringify(careful))} ${name}`,
    diagnosis: `/run/lab/node /run/lab/app/dist/cli.js --json --quiet --diagnose ${tls ? `${NAME}:${port} --ca root.pem` : hostPort(at.server, port)} > /dev/null`,
  };
}

function numbers(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [count = '', name = ''] = line.split('\t');
        return [name, Number(count.trim() || '0')];
      }),
  );
}

async function measure(lab: Lab, aftermath: Aftermath, which: 'careful' | 'diagnosis'): Promise<Measured> {
  const scenario = scenarioOf(aftermath);
  const output = await outputInScenario(
    lab,
    scenario,
    (at) => {
      const make = commands(aftermath, at);
      const after = make.careful.replaceAll('"$SERVICES/', `"${lab.services}/`);
      const ten = make[which].replaceAll('"$SERVICES/', `"${lab.services}/`);
      return [
        'sh',
        '-c',
        `for i in $(seq ${TIMES}); do ${ten}; done 2>&1 | head -c 2000; sleep 0.5; echo; if ${after}; then echo served; else echo locked; fi; exit 0`,
      ];
    },
    { limitSeconds: LIMIT_SECONDS },
  );
  const [before, after] = [numbers(output.before), numbers(output.after)];
  const more = Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
  const { [CONNECTIONS]: connections = 0, ...rest } = more;
  // The last careful connection, after which it was counted, is no part of the ten.
  return { more: rest, connections: connections - 1, served: /^served$/m.test(output.text) };
}

export async function aftermathOf(lab: Lab, aftermath: Aftermath): Promise<AftermathResult> {
  const careful = await measure(lab, aftermath, 'careful');
  const diagnosed = await measure(lab, aftermath, 'diagnosis');
  return { service: aftermath.service, careful, diagnosed, worse: worseThan(careful, diagnosed) };
}

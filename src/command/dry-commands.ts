import { routeCommand } from '../gather/probes/local-network.ts';
import { OWN_RULES_COMMANDS } from '../gather/probes/own-rules.ts';
import { pingCommand } from '../gather/probes/ping.ts';
import { traceTools } from '../gather/probes/trace-command.ts';
import type { Step, StepOf } from '../model/probes.ts';

/** The command lines of a step on a system, from the functions that make them for a run. */
export function commandsOf(step: Step, platform: NodeJS.Platform): string[] {
  switch (step.probe) {
    case 'ping': {
      const { file, args } = pingCommand(step.input, platform);
      return [[file, ...args].join(' ')];
    }
    case 'trace-command':
      return step.input.protocols.flatMap((protocol) =>
        traceTools(protocol, step.input, platform, step.input.timeoutMs).map(({ file, args }) =>
          [file, ...args].join(' '),
        ),
      );
    case 'local-network':
      return networkCommands(step.input, platform);
    case 'own-rules':
      return platform === 'linux'
        ? [
            Object.values(OWN_RULES_COMMANDS)
              .map((words) => words.join(' '))
              .join('; '),
          ]
        : [];
    case 'hosts-file':
      return [
        `(reads ${platform === 'win32' ? '%SystemRoot%\\System32\\drivers\\etc\\hosts' : '/etc/hosts'})`,
      ];
    default:
      return [];
  }
}

function networkCommands(
  { address, port }: StepOf<'local-network'>['input'],
  platform: NodeJS.Platform,
): string[] {
  if (platform === 'linux') {
    return [
      `ip ${routeCommand(address, null, port).join(' ')}; ip -j addr show; ip -j neigh show to NEXT-HOP`,
    ];
  }
  if (platform === 'win32') {
    return [
      '(asks iphlpapi: GetBestRoute2, GetIpNetEntry2, GetAdaptersAddresses)',
      `powershell.exe -NoProfile -NonInteractive -Command Find-NetRoute -RemoteIPAddress '${address}' ...; arp -a`,
    ];
  }
  return [`route -n get ${address}; ifconfig -a; arp -n NEXT-HOP`];
}

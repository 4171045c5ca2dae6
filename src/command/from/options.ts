import type { OptionGroup } from '../habits/option-entry.ts';

export const FROM_GROUP: OptionGroup = {
  title: 'Elsewhere',
  options: [
    {
      flags: '--from <PLACE>',
      text: 'look from another machine as well: ssh:HOST, docker:NAME, podman:, k8s:NS/POD, netns:, cmd:; globalping:DE,2 asks public probes, which hear the target; may be repeated',
      example: 'ssh:server.example.com',
      repeat: true,
      short: 'look from another machine as well: ssh:HOST ...',
    },
    {
      flags: '--globalping-url <URL>',
      text: 'ask this service, which speaks the same API, instead of api.globalping.io',
      example: 'https://globalping.example.com',
    },
  ],
};

import type { OptionGroup } from '../habits/option-entry.ts';

export const FROM_GROUP: OptionGroup = {
  title: 'Elsewhere',
  options: [
    {
      flags: '--from <PLACE>',
      text: 'look from another machine as well: ssh:HOST, docker:NAME, podman:, k8s:NS/POD, netns:, cmd:; may be repeated',
      example: 'ssh:server.example.com',
      repeat: true,
      short: 'look from another machine as well: ssh:HOST ...',
    },
  ],
};

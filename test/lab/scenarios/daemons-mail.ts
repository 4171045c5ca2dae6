/** Postfix and Dovecot, as Debian has them: well in many ways, and with faults. Truths were written before the first run. */
import { dovecot, postfix } from '../daemons/mail.ts';
import { holding, impaired, type Served, served, WELL, WELL_BUT_SLOW } from '../daemons/served.ts';
import type { Scenario } from '../scenario.ts';
import * as world from '../worlds.ts';

const SUBMISSION = 'submission inet n - n - - smtpd';
const SUBMISSIONS = 'submissions inet n - n - - smtpd -o smtpd_tls_wrappermode=yes';
/** Debian's own certificate is one that the machine signed itself. */
const SNAKEOIL: [string, string] = ['self.pem', 'self.key'];
const SIGNED: [string, string] = ['chain.pem', 'key.pem'];
/** Before the greeting, not at RCPT TO. */
const AT_ONCE = ['smtpd_delay_reject = no'];
const greetsAfter = (seconds: number) =>
  postfix({ main: [...AT_ONCE, `smtpd_client_restrictions = sleep ${seconds}`] });

const healthy: Served[] = [
  {
    name: 'Postfix is well',
    family: 'healthy-smtp',
    on: world.home1,
    daemons: { server: [postfix()] },
    target: 25,
    truth: WELL,
  },
  {
    name: 'Postfix is well',
    family: 'healthy-smtp',
    on: world.home3v6,
    daemons: { server: [postfix()] },
    target: 25,
    truth: WELL,
  },
  {
    name: 'Postfix is well and was named by its scheme',
    family: 'healthy-smtp',
    on: world.campus4,
    daemons: { server: [postfix()] },
    target: (at) => `smtp://${at.server}`,
    truth: WELL,
  },
  {
    name: "Postfix is well with Debian's own certificate on port 25, by address",
    family: 'healthy-smtp-starttls',
    on: world.company3,
    tls: true,
    daemons: { server: [postfix({ tls: SNAKEOIL })] },
    target: (at) => `${at.server}:25`,
    flags: () => [],
    truth: WELL,
  },
  {
    name: "Postfix is well with Debian's own certificate on port 25, by name",
    family: 'healthy-smtp-starttls',
    on: world.home5,
    tls: true,
    daemons: { server: [postfix({ tls: SNAKEOIL })] },
    target: 25,
    flags: () => [],
    truth: WELL,
  },
  {
    name: 'Postfix is well on the submission port with STARTTLS, by name',
    family: 'healthy-smtp-starttls',
    on: world.campus2v6,
    tls: true,
    daemons: { server: [postfix({ tls: SIGNED, master: [SUBMISSION], ports: [587] })] },
    target: 587,
    truth: WELL,
  },
  {
    name: 'Postfix is well on 465, by name',
    family: 'healthy-mail-inside-tls',
    on: world.home1,
    tls: true,
    daemons: { server: [postfix({ tls: SIGNED, master: [SUBMISSIONS], ports: [465] })] },
    target: 465,
    truth: WELL,
  },
  {
    name: 'Postfix is well on 465, named by its scheme',
    family: 'healthy-mail-inside-tls',
    on: world.company3v6,
    tls: true,
    daemons: { server: [postfix({ tls: SIGNED, master: [SUBMISSIONS], ports: [465] })] },
    target: 'smtps://www.lab.test',
    truth: WELL,
  },
  {
    name: 'Dovecot is well on 993, by name',
    family: 'healthy-mail-inside-tls',
    on: world.campus4,
    tls: true,
    daemons: { server: [dovecot('', { tls: true, ports: [143, 993, 110, 995] })] },
    target: 993,
    truth: WELL,
  },
  {
    name: 'Dovecot is well on 995, by name',
    family: 'healthy-mail-inside-tls',
    on: world.home3v6,
    tls: true,
    daemons: { server: [dovecot('', { tls: true, ports: [143, 993, 110, 995] })] },
    target: 995,
    truth: WELL,
  },
  {
    name: 'Dovecot is well on 143',
    family: 'healthy-imap-pop',
    on: world.home1,
    daemons: { server: [dovecot()] },
    target: 143,
    truth: WELL,
  },
  {
    name: 'Dovecot is well on 143',
    family: 'healthy-imap-pop',
    on: world.company3v6,
    daemons: { server: [dovecot()] },
    target: 143,
    truth: WELL,
  },
  {
    name: 'Dovecot is well on 110',
    family: 'healthy-imap-pop',
    on: world.campus4,
    daemons: { server: [dovecot()] },
    target: 110,
    truth: WELL,
  },
  {
    name: 'Dovecot takes passwords only after STARTTLS, and is well',
    family: 'healthy-imap-pop',
    on: world.nat3,
    tls: true,
    daemons: { server: [dovecot('ssl = required\ndisable_plaintext_auth = yes', { tls: true })] },
    target: 143,
    truth: WELL,
  },
  {
    name: 'Postfix greets after 3 seconds',
    family: 'slow-greeting-smtp',
    on: world.home1,
    daemons: { server: [greetsAfter(3)] },
    target: 25,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'Postfix greets after 6 seconds',
    family: 'slow-greeting-smtp',
    on: world.campus4,
    daemons: { server: [greetsAfter(6)] },
    target: 25,
    truth: WELL_BUT_SLOW,
  },
  {
    name: 'Postfix greets after 10 seconds',
    family: 'slow-greeting-smtp',
    on: world.company3v6,
    daemons: { server: [greetsAfter(10)] },
    target: 25,
    truth: [...WELL_BUT_SLOW, { ...impaired('service-slow', 'service-unresponsive'), maxConfidence: 0.5 }],
  },
  // The first are served, then 421: the limit is ours, not a fault.
  {
    name: 'Postfix lets a client in three times a minute',
    family: 'limit-that-we-may-meet',
    on: world.home1,
    daemons: {
      server: [postfix({ main: ['smtpd_client_connection_rate_limit = 3', 'anvil_rate_time_unit = 60s'] })],
    },
    target: 25,
    truth: WELL,
  },
  {
    name: 'Postfix lets a client in twice a minute',
    family: 'limit-that-we-may-meet',
    on: world.campus4v6,
    daemons: {
      server: [postfix({ main: ['smtpd_client_connection_rate_limit = 2', 'anvil_rate_time_unit = 60s'] })],
    },
    target: 25,
    truth: WELL,
  },
];

const faults: Served[] = [
  {
    name: 'Postfix rejects this client at once (554)',
    family: 'mail-denied',
    on: world.home1,
    daemons: { server: [postfix({ main: [...AT_ONCE, 'smtpd_client_restrictions = reject'] })] },
    target: 25,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'Postfix rejects this client at once (554)',
    family: 'mail-denied',
    on: world.campus4v6,
    daemons: { server: [postfix({ main: [...AT_ONCE, 'smtpd_client_restrictions = reject'] })] },
    target: 25,
    truth: impaired('service-access-denied'),
  },
  {
    name: 'Postfix serves one connection of a client, and has one',
    family: 'mail-full',
    on: world.home3,
    daemons: { server: [postfix({ main: ['smtpd_client_connection_count_limit = 1'] })] },
    ...holding('client', 25, 1),
    target: 25,
    truth: impaired('service-limit-reached'),
  },
  {
    name: 'Postfix serves one connection of a client, and has one',
    family: 'mail-full',
    on: world.company3v6,
    daemons: { server: [postfix({ main: ['smtpd_client_connection_count_limit = 1'] })] },
    ...holding('client', 25, 1),
    target: 25,
    truth: impaired('service-limit-reached'),
  },
  // The kernel accepts, and nobody is free to greet: whether it is full or hung cannot be seen.
  {
    name: 'Postfix has one process for everybody, and it is taken',
    family: 'mail-no-process-free',
    on: world.company3,
    daemons: { server: [postfix({ master: ['smtp inet n - n - 1 smtpd'] })] },
    ...holding('server', 25, 1),
    target: 25,
    truth: {
      ...impaired('service-unresponsive', 'service-overloaded', 'service-limit-reached'),
      maxConfidence: 0.95,
    },
  },
  {
    name: 'Postfix speaks without TLS on 465',
    family: 'mail-tls-missing',
    on: world.home1,
    tls: true,
    daemons: { server: [postfix({ master: ['465 inet n - n - - smtpd'], ports: [465] })] },
    target: 465,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'Dovecot speaks without TLS on 993',
    family: 'mail-tls-missing',
    on: world.campus4v6,
    tls: true,
    daemons: {
      server: [
        dovecot('service imap-login {\n  inet_listener imaps {\n    port = 993\n    ssl = no\n  }\n}', {
          ports: [993],
        }),
      ],
    },
    target: 993,
    truth: impaired('protocol-mismatch'),
  },
  {
    name: 'the certificate on 993 has expired',
    family: 'mail-certificate',
    on: world.home3,
    tls: { from: -100, to: -5 },
    daemons: { server: [dovecot('', { tls: true, ports: [993] })] },
    target: 993,
    truth: impaired('tls-certificate-expired'),
  },
  {
    name: 'the certificate on 465 begins in ten days',
    family: 'mail-certificate',
    on: world.campus2v6,
    tls: { from: 10, to: 90 },
    daemons: { server: [postfix({ tls: SIGNED, master: [SUBMISSIONS], ports: [465] })] },
    target: 465,
    truth: impaired('tls-certificate-not-yet-valid'),
  },
  {
    name: 'Dovecot is stopped (SIGSTOP) behind its open port',
    family: 'daemon-hangs',
    on: world.company3,
    daemons: { server: [dovecot()] },
    fault: () => ({ server: ['kill -STOP $(cat /run/dovecot/master.pid)'] }),
    target: 143,
    truth: impaired('service-unresponsive'),
  },
];

export default [...healthy, ...faults].map(served) satisfies Scenario[];

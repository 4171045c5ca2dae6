import { describe, expect, test } from 'vitest';
import { proxyVariablesFor } from '../../../../src/judge/facts/service/proxy.ts';
import { reportOf } from '../../../../src/judge/report-of.ts';
import { render } from '../../../../src/report/index.ts';
import { evidence } from '../../../evidence.ts';

const at = (service: string | null, proxyVariables: string[]) =>
  evidence({ target: { service, serviceNamed: service !== null }, vantage: { proxyVariables } });

describe('proxy variables', () => {
  test.each([
    ['https', ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'], ['HTTPS_PROXY']],
    ['https', ['all_proxy', 'http_proxy'], ['all_proxy']],
    ['http', ['HTTPS_PROXY', 'http_proxy'], ['http_proxy']],
    ['ssh', ['ALL_PROXY', 'HTTPS_PROXY'], []],
    ['imaps', ['ALL_PROXY', 'HTTPS_PROXY'], []],
    [null, ['ALL_PROXY', 'HTTPS_PROXY'], []],
    ['https', ['NO_PROXY', 'FTP_PROXY'], []],
  ])('for %s, of %j, %j matter', (service, set, matter) => {
    expect(proxyVariablesFor(at(service, set))).toEqual(matter);
  });

  const note = (service: string, set: string[]) =>
    reportOf(at(service, set), [], { version: '0', durationMs: 1 }).cannotTell.map(({ text }) => text);

  test('every report about the web says that they are set, whatever was found', () => {
    expect(note('https', ['HTTPS_PROXY'])).toEqual([
      'HTTPS_PROXY is set: browsers and curl may go through a proxy; this tool connects directly.',
    ]);
    expect(note('http', ['ALL_PROXY', 'http_proxy'])).toEqual([
      'ALL_PROXY and http_proxy are set: browsers and curl may go through a proxy; this tool connects directly.',
    ]);
    expect(note('ssh', ['ALL_PROXY'])).toEqual([]);
  });

  test.each(['terminal', 'markdown', 'html'] as const)(
    '%s shows the line, in a healthy run too',
    async (format) => {
      const report = reportOf(at('https', ['HTTPS_PROXY']), [], { version: '0', durationMs: 1 });
      report.outcome = 'reachable';
      const shown = (await render(format, report)).replaceAll('\\', '').replace(/\s+/g, ' ');
      expect(shown).toContain('HTTPS_PROXY is set: browsers and curl may go through a proxy');
    },
  );
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/ground/package-root.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { loadRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Report } from '../../src/model/report.ts';
import { redactEvidence, redactReport } from '../../src/report/redact.ts';
import { healthy, routerDrop, SAMPLES } from './samples.ts';
import { validateReport } from './validate-report.ts';

const withText = (text: string, change: Partial<Report> = {}): Report => ({
  ...healthy,
  ...change,
  ruledOut: [{ id: 'x', text }],
});
const said = (report: Report): string =>
  redactReport(report, { hostNames: ['lap.office.example'] }).ruledOut[0]?.text ?? '';

describe('redaction', () => {
  it('hides this machine, its resolvers and private hops, and keeps the target and public hops', () => {
    const text = JSON.stringify(redactReport(routerDrop));
    expect(text).not.toMatch(/10\.0\.0\.|gw\.office\.example/);
    for (const kept of ['192.0.2.7', 'db.example.com', '198.51.100.9', 'edge7.isp.example'])
      expect(text).toContain(kept);
  });

  it('gives the same thing the same placeholder everywhere, commands included', () => {
    const [lead] = redactReport(routerDrop).causes;
    expect(lead?.fixes[0]?.do).toContain('from client-address-1 to 192.0.2.7');
    expect(lead?.verify[0]?.run).toContain('host client-address-1');
  });

  it('knows an address in every spelling', () => {
    const vantage = { ...healthy.vantage, addresses: ['2001:db8:0:0::5', '10.0.0.5'] };
    expect(said(withText('from 2001:DB8::0005, 2001:db8::5%eth0 and [2001:db8::5]:443', { vantage }))).toBe(
      'from client-address-1, client-address-1 and [client-address-1]:443',
    );
    expect(said(withText('::ffff:10.0.0.9 fd00::1 fe80::1%eth0 169.254.3.4 100.64.0.1 172.31.0.1'))).toMatch(
      /^private-address-\d private-address-\d private-address-\d private-address-\d private-address-\d private-address-\d$/,
    );
  });

  it('leaves what is no private address', () => {
    const text =
      'at 12:30:45, 10.0.0, version 1.10.0.0.5, 192.0.2.1, 2001:db8::1, 127.0.0.1, ::1, 172.32.0.1, a::b::c';
    expect(said(withText(text))).toBe(text);
  });

  it('hides names of this machine as whole words, and MAC addresses', () => {
    expect(said(withText('lap.office.example and LAP, not laptop or overlap; 52:54:00:12:34:56'))).toBe(
      'client-name-1 and client-name-2, not laptop or overlap; mac-address-1',
    );
  });

  it('keeps a private target, which is what the report is about', () => {
    const report = redactReport({
      ...healthy,
      target: {
        ...healthy.target,
        host: '10.1.2.3',
        addresses: [{ address: '10.1.2.3', family: 4, source: 'literal', outcome: 'open' }],
      },
      ruledOut: [{ id: 'x', text: '10.1.2.3 through 10.9.9.9' }],
    });
    expect(report.ruledOut[0]?.text).toBe('10.1.2.3 through private-address-1');
  });

  it.each(Object.entries(SAMPLES))('leaves %s a valid report, and is done after once', (_, report) => {
    const once = redactReport(report);
    expect(validateReport(once)).toEqual([]);
    expect(redactReport(once)).toEqual(once);
  });

  it('hides the same in evidence, search domains and authorities included, and keeps what is to be replayed', () => {
    const evidence: Evidence = {
      request: {
        target: { ...healthy.target, serviceNamed: true, path: '/', service: 'https' },
        resolvers: [],
        controlHost: null,
        alternatePorts: null,
        answers: {},
        maxTimeMs: 20_000,
        family: null,
        names: true,
        ttlProbe: true,
        traceAlways: false,
        sni: null,
        caPem: 'secret authority',
      },
      vantage: { ...healthy.vantage, searchDomains: ['corp.internal'], ndots: 1, proxyVariables: [] },
      startedAt: healthy.startedAt,
      observations: healthy.observations,
    };
    const made = redactEvidence(evidence);
    expect(JSON.stringify(made)).not.toMatch(/10\.0\.0\.|corp\.internal|secret/);
    expect(made.request.target).toEqual(evidence.request.target);
    expect(made.observations).toEqual(evidence.observations);
  });

  it('hides other places: how they are reached, what they connect from, their first router', async () => {
    const file = new URL('../scenarios/elsewhere-only-here/evidence.json', import.meta.url);
    const text = readFileSync(file, 'utf8').replaceAll('netns:v1', 'ssh:alice@jump7.example.net');
    const evidence = JSON.parse(text.replaceAll('netns:v2', 'cmd:wsl -d Alice sh -s')) as Evidence;
    const secret = /alice|jump7|198\.18\.1\./i;
    const { rules } = await loadRules(`${PACKAGE_ROOT}/rules`, FACT_TABLE);
    const report = reportOf(evidence, rules, { version: '0', durationMs: 1 });
    expect(JSON.stringify(report)).toMatch(secret);
    expect(JSON.stringify(redactReport(report))).not.toMatch(secret);
    expect(JSON.stringify(redactEvidence(evidence))).not.toMatch(secret);
  });
});

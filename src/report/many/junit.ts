import type { ManyReport, TargetResult } from '../../model/many.ts';
import { administratorLines, countsSentence, sharedSentences, whyNot } from './words.ts';

/**
 * A testcase a target: a failure is of the cause's type and holds the administrator's text; an error is what nothing is
 * known of; what was not tested is skipped. The shared causes stand in the suite's standard output.
 */
export function renderJunit(report: ManyReport): string {
  const { counts, targets, durationMs, startedAt } = report;
  const numbers = attributes({
    tests: targets.length,
    failures: counts.failed,
    errors: counts.unknown,
    skipped: counts['not-tested'],
    time: seconds(durationMs),
  });
  const suite = attributes({ name: 'reachdoctor', timestamp: startedAt.replace(/\.\d+Z$/, '') });
  const said = [countsSentence(report), ...report.shared.map((one) => sharedSentences(one, report))].join(
    '\n',
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'reachdoctor' })}${numbers}>`,
    `  <testsuite${suite}${numbers}>`,
    ...targets.flatMap(testcase),
    `    <system-out>${text(said)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testcase(result: TargetResult): string[] {
  const own = attributes({
    name: nameOf(result),
    classname: `reachdoctor.${result.service ?? 'tcp'}`,
    time: seconds(result.durationMs),
  });
  const inside = partOf(result);
  return inside === null
    ? [`    <testcase${own}/>`]
    : [`    <testcase${own}>`, `      ${inside}`, '    </testcase>'];
}

function partOf(result: TargetResult): string | null {
  const message = whyNot(result);
  switch (result.verdict) {
    case 'held':
      return null;
    case 'not-tested':
      return `<skipped${attributes({ message })}/>`;
    case 'failed':
    case 'unknown': {
      const name = result.verdict === 'failed' ? 'failure' : 'error';
      const type = result.cause?.id ?? result.outcome ?? 'unknown';
      const body = administratorLines(result).join('\n');
      return `<${name}${attributes({ type, message })}>${text(body)}</${name}>`;
    }
    default:
      return result.verdict satisfies never;
  }
}

/** The expectation belongs to the name where it is not the usual one: the same target may be tested twice. */
const nameOf = ({ target, expected: { state, from } }: TargetResult): string =>
  `${target}${state === 'reachable' ? '' : ` is ${state}`}${from === null ? '' : ` from ${from}`}`;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${text(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** XML 1.0 has no way to write these, not even as a reference: U+FFFD stands in for them. */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const text = (value: string): string =>
  value
    .replace(NO_XML, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');

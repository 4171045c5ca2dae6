import type { ExtraTest } from '../../gather/extra-tests.ts';
import { compareReports } from '../../judge/compare.ts';
import { renderComparison } from '../../report/comparison.ts';
import { targetWords } from '../../report/testing-words.ts';
import { PromptEnded } from '../ask.ts';
import { explainCause, explainInCase } from '../explain.ts';
import { settingsOf } from '../settings.ts';
import { isUsageError } from '../usage-error.ts';
import type { WizardTools } from './tools.ts';
import { goOn, measured, type State } from './wizard.ts';

/** The test that would part the leading causes: it needs a word of the user, or another pair of hands. */
export async function extraTest(test: ExtraTest, state: State, tools: WizardTools): Promise<State> {
  const { ask, screen } = tools;
  const { target } = state.request;
  const title = `${targetWords(target)}, one more test`;
  switch (test) {
    case 'reference-host': {
      await screen.draw(
        title,
        `\nAnother host whose TCP ${target.port} is known to be open. Is it reached from here, the fault is at ${target.host} or near it; is it not, this network blocks the port.\n`,
      );
      const host = await ask.text({
        message: 'Which host?',
        check: (text) => {
          const read = settingsOf({ names: true, ttlProbe: true, control: text.trim() });
          if (isUsageError(read)) return read.error;
          return read.wish.controlHost === target.host
            ? 'That is the target itself: name another host.'
            : null;
        },
      });
      const read = settingsOf({ names: true, ttlProbe: true, control: host.trim() });
      if (isUsageError(read)) throw new Error(read.error);
      return goOn(state, { ...state.request, controlHost: read.wish.controlHost }, tools);
    }
    case 'resolver': {
      await screen.draw(title, '\nA DNS server that should know the name, by its address.\n');
      const address = await ask.text({
        message: 'Which DNS server?',
        check: (text) => {
          const read = settingsOf({ names: true, ttlProbe: true, resolver: [text] });
          return isUsageError(read) ? read.error : null;
        },
      });
      const read = settingsOf({ names: true, ttlProbe: true, resolver: [address] });
      if (isUsageError(read)) throw new Error(read.error);
      return goOn(state, { ...state.request, resolvers: read.wish.resolvers }, tools);
    }
    case 'root':
      await tools.page(
        title,
        `\nRun as root it can send what it could not send here. Nothing is changed by it:\n\n  sudo ${tools.repeat(state.request)}\n`,
      );
      return state;
    case 'other-end':
      await tools.page(
        title,
        `\nThe host's own side tells more than any test from here. This writes a script for its administrator, and a case that its answer is merged with:\n\n  ${tools.repeat(state.request, ['--ask-there', 'kit.sh', '--save-evidence', 'case.json'])}\n`,
      );
      return state;
    default:
      return test satisfies never;
  }
}

/** A whole new run, held against the last one. */
export async function compareAgain(state: State, tools: WizardTools): Promise<State> {
  const after = await measured(state.request, null, state.asked, tools);
  const comparison = compareReports(state.report, after.report);
  if (comparison.changes.length === 0)
    return { ...after, said: [after.said, 'Nothing changed.'].join('\n').trim() };
  try {
    await tools.page(
      `${targetWords(state.request.target)}, what changed`,
      `\n${renderComparison(comparison, tools.options)}`,
    );
  } catch (error) {
    // Who leaves the comparison has the new result all the same.
    if (!(error instanceof PromptEnded) || error.by !== 'back') throw error;
  }
  return after;
}

export async function keepWatching(state: State, tools: WizardTools): Promise<State> {
  const stop = new AbortController();
  let ending: PromptEnded | null = null;
  const free = tools.ask.whileBusy((by) => {
    if (by !== 'back') ending = new PromptEnded(by);
    stop.abort();
  });
  try {
    await tools.screen.draw(`${targetWords(state.request.target)}, watched`, '');
    const said = await tools.watch(state.request.target, state.measured, stop.signal);
    if (ending !== null) throw ending;
    return { ...state, said: said ?? '' };
  } finally {
    free();
  }
}

/** A cause of this case with its values, or any other in general. */
export async function explain(state: State, tools: WizardTools): Promise<void> {
  const { ask, rules, screen } = tools;
  const {
    report,
    measured: { evidence },
  } = state;
  const title = `${targetWords(report.target)}, a cause`;
  const ids = new Set(rules.map((rule) => rule.id));
  const seen = report.causes
    .filter(({ id }) => ids.has(id))
    .map(({ id, title }) => ({ name: `${title} (${id})`, value: id }));
  const known = new Set(seen.map(({ value }) => value));
  const others = rules.filter(({ id }) => !known.has(id)).map(({ id }) => ({ name: id, value: id }));
  if (seen.length + others.length === 0)
    return tools.page(title, '\nNo rules are loaded, so there is nothing to explain.\n');
  const rows = await screen.draw(title, '\nThose of this case come first.\n');
  const id = await ask.choose({ message: 'Which one?', choices: [...seen, ...others], rows });
  const isHere = report.causes.some((one) => one.id === id);
  const width = screen.columns() - 1;
  const text =
    isHere && evidence !== null ? explainInCase(id, rules, evidence, width) : explainCause(id, rules, width);
  await tools.page(title, isUsageError(text) ? `${text.error}\n` : `\n${text}`);
}

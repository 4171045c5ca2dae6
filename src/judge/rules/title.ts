import type { Facts } from '../../model/facts.ts';
import type { Rule } from '../../model/rule.ts';
import { isTrue } from './condition.ts';
import { sentence } from './template.ts';

/** The title of a cause where these facts hold. */
export const titleOf = ({ title, titles = [] }: Pick<Rule, 'title' | 'titles'>, facts: Facts): string =>
  sentence(titles.find((one) => isTrue(one.if, facts))?.say ?? title, facts);

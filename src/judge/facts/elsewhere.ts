import { includesAddress, sameAddress } from '../../ground/address.ts';
import type { FactSource, FactsOf, FactTable } from '../../model/facts.ts';
import { HERE, type Sight } from '../../model/views.ts';
import type { Readings } from '../readings/index.ts';

/** What other places saw, and what this client saw of the same. */
const FROM = [
  'vantage',
  'system-resolve',
  'hosts-file',
  'dns',
  'tcp-connect',
  'alternate-ports',
  'local-network',
  'trace-syn',
  'trace-command',
  'counted-connect',
] as const satisfies readonly FactSource[];

export const ELSEWHERE_FACTS = {
  'elsewhere.looked': {
    type: 'number',
    meaning: 'Other places that this address was tried from; null where nobody looked from elsewhere.',
    from: FROM,
  },
  'elsewhere.provesNothing': {
    type: 'number',
    meaning: 'Of these: how many reach nothing at all, the reference neither; they count for nothing.',
    from: FROM,
  },
  'elsewhere.open': {
    type: 'number',
    meaning: 'Other places that the port accepts connections from.',
    from: FROM,
  },
  'elsewhere.failing': {
    type: 'number',
    meaning: 'Other places that reach something, and not this port of this address.',
    from: FROM,
  },
  'elsewhere.openFrom': {
    type: 'string',
    meaning: 'Those places that reach it, as they were named.',
    from: FROM,
  },
  'elsewhere.failsFrom': {
    type: 'string',
    meaning: 'Those places that do not reach it, as they were named.',
    from: FROM,
  },
  'elsewhere.onlyHere': {
    type: 'boolean',
    meaning: 'It fails here, and every other place that proves something reaches it.',
    from: FROM,
  },
  'elsewhere.everywhere': {
    type: 'boolean',
    meaning: 'It fails here and from every other place that proves something.',
    from: FROM,
  },
  'elsewhere.onlyElsewhere': {
    type: 'boolean',
    meaning: 'It is open from here, and not from every other place that proves something.',
    from: FROM,
  },
  'elsewhere.sameAnswer': {
    type: 'boolean',
    meaning:
      'Where it fails it fails in the same way as here: silence, a refusal, an error. Null where nothing fails elsewhere.',
    from: FROM,
  },
  'elsewhere.sameBoundary': {
    type: 'boolean',
    meaning:
      'From every place where it fails, and where that was seen, the SYNs end after the same router as from here. Null where it was not seen from here and from elsewhere.',
    from: FROM,
  },
  'elsewhere.sameSender': {
    type: 'boolean',
    meaning: 'The same device sends the refusal here and elsewhere. Null where that was not seen from both.',
    from: FROM,
  },
  'elsewhere.passesOurStop': {
    type: 'boolean',
    meaning:
      'The way from a place that reaches it leads through the router after which SYNs from here end. Null where one of the two was not seen.',
    from: FROM,
  },
  'elsewhere.bySource': {
    type: 'string',
    values: ['shown', 'suspected', 'no'],
    meaning:
      'Whether it depends on where one comes from, this client counted and places in the network of the target left out: shown by two against two at the least, else suspected.',
    from: FROM,
  },
  'elsewhere.perimeter': {
    type: 'boolean',
    meaning:
      "A place in the target's own network reaches it, and nobody from outside does. Null where no place is in that network, or this client is.",
    from: FROM,
  },
  'elsewhere.insideFrom': {
    type: 'string',
    meaning: "The places in the target's own network that reach it.",
    from: FROM,
  },
  'elsewhere.insideFails': {
    type: 'boolean',
    meaning:
      "From a place in the target's own network, with no router between, it fails as from here. Null where no place is in that network, or this client is.",
    from: FROM,
  },
  'elsewhere.insideFailsFrom': {
    type: 'string',
    meaning: "The places in the target's own network from which it fails.",
    from: FROM,
  },
  'elsewhere.outsideFailing': {
    type: 'number',
    meaning: "Other places outside of the target's own network from which it fails.",
    from: FROM,
  },
  'elsewhere.someBackends': {
    type: 'boolean',
    meaning: 'This address fails from everywhere, and another one of the name is open from everywhere.',
    from: FROM,
  },
  'elsewhere.namesDiffer': {
    type: 'boolean',
    meaning:
      'The name leads to other addresses elsewhere, with none in common. Null where one of the two is not known.',
    from: FROM,
  },
  'elsewhere.otherAddress': {
    type: 'string',
    meaning: 'An address that the name has elsewhere and not here.',
    from: FROM,
  },
  'elsewhere.otherAddressOpen': {
    type: 'boolean',
    meaning:
      'Such an address accepts connections to the port, from where the name has it. Null where none was tried.',
    from: FROM,
  },
  'elsewhere.otherAddressFrom': { type: 'string', meaning: 'The place where the name has it.', from: FROM },
  'elsewhere.nameOnlyThere': {
    type: 'boolean',
    meaning: 'The name leads to no address here, and to one elsewhere.',
    from: FROM,
  },
} as const satisfies FactTable;

type ElsewhereFacts = FactsOf<typeof ELSEWHERE_FACTS>;

const NOTHING = Object.fromEntries(
  Object.keys(ELSEWHERE_FACTS).map((name) => [name, null]),
) as ElsewhereFacts;

const isOpen = ({ target }: Sight): boolean => target?.outcome === 'open';
const FAILURES: ReadonlySet<string> = new Set(['refused', 'unreachable', 'timeout', 'local-error']);
const isFailing = ({ target }: Sight): boolean => target !== null && FAILURES.has(target.outcome);

export function elsewhereFacts(readings: Readings): ElsewhereFacts {
  const { sights, address } = readings;
  if (sights.length === 0 && !hasVantage(readings)) return NOTHING;
  const ofThis = address === null ? [] : sights.filter((sight) => sameAddress(sight.address, address));
  const here = ofThis.find(({ view }) => view === HERE) ?? null;
  const others = ofThis.filter(({ view }) => view !== HERE);
  const proving = others.filter(({ proves }) => proves);
  const open = proving.filter(isOpen);
  const failing = proving.filter(isFailing);
  const names = namesOf(readings);
  const counted = (list: readonly Sight[]): number | null => (others.length === 0 ? null : list.length);
  const told = here === null || proving.length === 0 ? null : here;
  const failsHere = told === null ? null : isFailing(told);
  return {
    'elsewhere.looked': counted(others),
    'elsewhere.provesNothing': counted(others.filter(({ proves }) => !proves)),
    'elsewhere.open': counted(open),
    'elsewhere.failing': counted(failing),
    'elsewhere.openFrom': placesOf(open, readings),
    'elsewhere.failsFrom': placesOf(failing, readings),
    'elsewhere.onlyHere': failsHere === null ? null : failsHere && open.length === proving.length,
    'elsewhere.everywhere': failsHere === null ? null : failsHere && failing.length === proving.length,
    'elsewhere.onlyElsewhere': told === null ? null : isOpen(told) && failing.length > 0,
    'elsewhere.sameAnswer':
      told === null || failsHere !== true || failing.length === 0
        ? null
        : failing.every(({ target }) => target?.outcome === told.target?.outcome),
    'elsewhere.sameBoundary': sameOf(told, failing, ({ boundary }) => boundary?.address ?? null),
    'elsewhere.sameSender': sameOf(told, failing, ({ target }) => target?.sender ?? null),
    'elsewhere.passesOurStop': passesOurStop(told, open),
    'elsewhere.bySource': bySourceOf(told, proving),
    ...insideFacts(told, open, failing, readings),
    'elsewhere.someBackends': failsHere !== true || open.length > 0 ? null : isOtherOpen(readings),
    ...names,
  };
}

const hasVantage = ({ evidence }: Readings): boolean =>
  (evidence.views ?? []).some(({ kind, ok }) => kind === 'vantage' && ok);

/** `ssh:db1, netns:blue`; null where there is none. */
function placesOf(sights: readonly Sight[], { evidence }: Readings): string | null {
  const names = sights.map(({ view }) => evidence.views?.find(({ name }) => name === view)?.by ?? view);
  return names.length === 0 ? null : [...new Set(names)].join(', ');
}

function sameOf(
  here: Sight | null,
  failing: readonly Sight[],
  of: (sight: Sight) => string | null,
): boolean | null {
  const ours = here === null || !isFailing(here) ? null : of(here);
  const theirs = failing.map(of).filter((one) => one !== null);
  return ours === null || theirs.length === 0 ? null : theirs.every((one) => sameAddress(one, ours));
}

function passesOurStop(here: Sight | null, open: readonly Sight[]): boolean | null {
  const stop = here === null || !isFailing(here) ? null : (here.boundary?.address ?? null);
  const seen = open.filter(({ routers }) => routers.length > 0);
  return stop === null || seen.length === 0
    ? null
    : seen.some(({ routers }) => includesAddress(routers, stop));
}

function bySourceOf(here: Sight | null, proving: readonly Sight[]): ElsewhereFacts['elsewhere.bySource'] {
  if (here === null) return null;
  const outside = [here, ...proving].filter(({ isInside }) => isInside !== true);
  const open = outside.filter(isOpen).length;
  const failing = outside.filter(isFailing).length;
  if (open >= 2 && failing >= 2) return 'shown';
  return open >= 1 && failing >= 1 ? 'suspected' : 'no';
}

function insideFacts(
  here: Sight | null,
  open: readonly Sight[],
  failing: readonly Sight[],
  readings: Readings,
): Pick<
  ElsewhereFacts,
  | 'elsewhere.perimeter'
  | 'elsewhere.insideFrom'
  | 'elsewhere.insideFails'
  | 'elsewhere.insideFailsFrom'
  | 'elsewhere.outsideFailing'
> {
  const isInside = ({ isInside: inside }: Sight): boolean => inside === true;
  const inside = [...open, ...failing].filter(isInside);
  const known = here !== null && here.isInside !== true && inside.length > 0;
  return {
    'elsewhere.perimeter': !known
      ? null
      : isFailing(here) && open.some(isInside) && open.every(isInside) && !failing.some(isInside),
    'elsewhere.insideFrom': placesOf(open.filter(isInside), readings),
    'elsewhere.insideFails': !known
      ? null
      : isFailing(here) &&
        failing.some((one) => isInside(one) && one.target?.outcome === here.target?.outcome),
    'elsewhere.insideFailsFrom': placesOf(failing.filter(isInside), readings),
    'elsewhere.outsideFailing': here === null ? null : failing.filter((one) => !isInside(one)).length,
  };
}

/** Another address of the name that every place that tried it, this client among them, found open. */
function isOtherOpen({ sights, address }: Readings): boolean {
  const others = [...new Set(sights.map((sight) => sight.address))].filter((one) => one !== address);
  return others.some((one) => {
    const about = sights.filter((sight) => sight.address === one && (sight.proves || sight.view === HERE));
    return about.some(({ view }) => view === HERE) && about.length > 1 && about.every(isOpen);
  });
}

function namesOf(
  readings: Readings,
): Pick<
  ElsewhereFacts,
  | 'elsewhere.namesDiffer'
  | 'elsewhere.otherAddress'
  | 'elsewhere.otherAddressOpen'
  | 'elsewhere.otherAddressFrom'
  | 'elsewhere.nameOnlyThere'
> {
  const { sights, addresses, namesElsewhere } = readings;
  const ours = addresses.map(({ address }) => address);
  const told = namesElsewhere.filter(({ names }) => names.length > 0);
  const differing = told.filter(({ names }) => !names.some((one) => includesAddress(ours, one)));
  const [first] = differing;
  const other = first?.names[0] ?? null;
  const tried = sights.filter(
    (sight) => sight.view !== HERE && !includesAddress(ours, sight.address) && sight.target !== null,
  );
  const best = tried.find(isOpen) ?? tried[0];
  return {
    'elsewhere.namesDiffer': ours.length === 0 || namesElsewhere.length === 0 ? null : first !== undefined,
    'elsewhere.otherAddress': best?.address ?? other,
    'elsewhere.otherAddressOpen': best === undefined ? null : isOpen(best),
    'elsewhere.otherAddressFrom':
      best !== undefined
        ? placesOf([best], readings)
        : first === undefined
          ? null
          : (readings.evidence.views?.find(({ name }) => name === first.view)?.by ?? null),
    'elsewhere.nameOnlyThere': namesElsewhere.length === 0 ? null : ours.length === 0 && told.length > 0,
  };
}

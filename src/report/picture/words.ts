import type { Picture, Stop } from './picture.ts';

/** The picture in words, for those who do not see it: a title and a description of what is drawn. */
export function pictureWords(picture: Picture, host: string): { title: string; description: string } {
  const { stops, broken, refusedBy, acceptedBy, reference, target } = picture;
  const name = (index: number | null): string =>
    index === null ? 'whatever comes next' : index < 0 ? 'this machine' : stopName(stops[index], host);
  const end =
    broken !== null && broken.kind === 'loop'
      ? `${target} goes round in a loop from ${name(broken.after)} on`
      : broken !== null && broken.kind === 'fault'
        ? `${target} is disturbed between ${name(broken.after)} and ${name(broken.before)}`
        : broken !== null
          ? `${target} is lost between ${name(broken.after)} and ${name(broken.before)}`
          : refusedBy !== null
            ? `${target} is refused by ${name(refusedBy)}`
            : acceptedBy !== null
              ? `${target} is accepted by ${name(acceptedBy)}`
              : `what was seen of the way of ${target}`;
  const way = stops.map((stop) => {
    const seen =
      stop.target === 'answered' && stop.reference === 'answered'
        ? 'answered both'
        : stop.target === 'answered'
          ? `answered ${target}`
          : stop.reference === 'answered'
            ? `answered ${reference ?? 'other traffic'} only`
            : 'did not answer';
    return `${stopName(stop, host)}: ${seen}`;
  });
  return { title: `Path to ${host}: ${end}.`, description: `From this machine: ${way.join('; ')}.` };
}

function stopName(stop: Stop | undefined, host: string): string {
  if (stop === undefined) return 'an unknown device';
  if (stop.isHost) return host;
  if (stop.inside !== undefined) return `${stop.inside} inside of it`;
  const { hops, address } = stop;
  const number =
    hops === null
      ? ''
      : hops.first === hops.last
        ? `hop ${hops.first}`
        : `hops ${hops.first} to ${hops.last}`;
  return address === null ? number : `${number} (${address})`;
}

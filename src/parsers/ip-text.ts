// 10.0.2.2 via 10.0.1.1 dev eth0 src 10.0.1.2 uid 0
// 2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP

/** iproute2 and BusyBox without -j: each as the objects that `ip -j` would print. Empty where the text is none of it. */

const KIND = /^(local|blackhole|unreachable|prohibit|broadcast|multicast|throw)$/;

/** Lines of `ip route get` and `ip route show`. */
export function routesInText(text: string): Record<string, unknown>[] {
  return linesOf(text).flatMap((line) => {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const type = KIND.test(words[0] ?? '') ? words.shift() : undefined;
    const dst = words.shift();
    if (dst === undefined || !/^(default|[0-9a-fA-F.:]{2,45}(\/\d{1,3})?)$/.test(dst)) return [];
    const after = (name: string) => words[words.indexOf(name) + 1 || words.length];
    const via = after('via') === 'inet6' ? words[words.indexOf('via') + 2] : after('via');
    if (after('dev') === undefined && type === undefined) return [];
    return [
      {
        ...(type === undefined ? {} : { type }),
        dst,
        ...(via === undefined ? {} : { gateway: via }),
        dev: after('dev'),
        prefsrc: after('src'),
      },
    ];
  });
}

/** Lines of `ip addr show`. */
export function linksInText(text: string): Record<string, unknown>[] {
  const links: { ifname: string; flags: string[]; mtu?: number; addr_info: Record<string, unknown>[] }[] = [];
  for (const line of linesOf(text)) {
    const head = /^\d{1,6}: ([^:@\s]{1,40})(?:@[^:\s]{1,40})?: <([\w,-]{0,200})>(?: mtu (\d{1,9}))?/.exec(
      line,
    );
    if (head) {
      links.push({
        ifname: head[1]!,
        flags: head[2]!.split(','),
        ...(head[3] === undefined ? {} : { mtu: Number(head[3]) }),
        addr_info: [],
      });
      continue;
    }
    const address =
      /^\s+(inet6?) ([0-9a-fA-F.:]{2,45})(?: peer ([0-9a-fA-F.:]{2,45}))?(?:\/(\d{1,3}))?(?= |$)/.exec(line);
    const link = links.at(-1);
    if (!address || link === undefined || link.addr_info.length > 100) continue;
    const [, family, local, , prefix] = address;
    link.addr_info.push({
      family,
      local,
      prefixlen: prefix === undefined ? (family === 'inet' ? 32 : 128) : Number(prefix),
    });
  }
  return links;
}

/** Lines of `ip neigh`. */
export function neighboursInText(text: string): Record<string, unknown>[] {
  return linesOf(text).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const [dst] = words;
    const state = words.at(-1);
    if (words[1] !== 'dev' || !/^[A-Z]{4,10}$/.test(state ?? '')) return [];
    return [{ dst, dev: words[2], state: [state] }];
  });
}

const linesOf = (text: string): string[] => text.split(/\r?\n/, 3000).filter((line) => line.length <= 500);

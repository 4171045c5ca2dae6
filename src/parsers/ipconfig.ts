// Ethernet-Adapter Ethernet:
//    IPv4-Adresse  . . . . . . . . . . : 192.168.1.20(Bevorzugt)

import { familyOf, isAddress } from '../ground/address.ts';
import { isTunnelName } from '../ground/tunnel.ts';
import type { NetworkInterface } from '../model/measured.ts';
import { prefixOf } from './route-table.ts';

export interface WindowsAdapter extends NetworkInterface {
  gateways: string[];
  resolvers: string[];
}

/** Keys in the languages of windows-words.ts; DNS and DHCP are called so in all of them. */
const GATEWAY = /gateway|passerelle|puerta de enlace|brama|шлюз|ağ geçidi|ゲートウェイ|게이트웨이|网关|閘道/i;
const NOT_AN_ADDRESS_OF_OURS = /DHCP|WINS|NetBIOS|IAID|DUID|Lease/i;
const MASK = /mask|masque|máscara|maschera|masker|maska|маска|マスク|마스크|掩码|遮罩/i;
const IPV6_RESOLVER_OF_OLD = /^fec0:0:0:ffff::[123]%?/i;

/**
 * Output of `ipconfig` or `ipconfig /all`, in any language; null where it is none. A section begins in the first column
 * and ends with a colon; a key is followed by dots. Addresses are known by their form and by what follows them, gateways
 * by their key, resolvers by the letters DNS in it.
 */
export function parseIpconfig(text: string): WindowsAdapter[] | null {
  const found: WindowsAdapter[] = [];
  let key = '';
  let isInAdapter = false;
  for (const line of text.split(/\r?\n/, 5000)) {
    if (line.length > 500 || line.trim() === '') continue;
    if (/^\S/.test(line)) {
      isInAdapter = /[:：]\s*$/.test(line);
      key = '';
      if (isInAdapter && found.length < 200) found.push(adapterOf(line));
      continue;
    }
    const current = found.at(-1);
    const entry = /^\s{1,8}(\S[^:：]{0,60}?)[ .]{1,60}[.]?\s*[:：]\s?(.*)$/.exec(line);
    if (entry && /\. ?[.:：]|\.\s*[:：]/.test(line)) key = entry[1]!;
    else if (key === '') continue;
    if (current === undefined || !isInAdapter) continue;
    const value = (entry && key === entry[1] ? entry[2]! : line).trim();
    readValue(current, key, value);
  }
  const adapters = found.filter(({ name }) => name !== '');
  for (const one of adapters) one.up = one.addresses.length > 0;
  return adapters.length === 0 || !/\. \./.test(text.slice(0, 20_000)) ? null : adapters;
}

function adapterOf(heading: string): WindowsAdapter {
  const name = heading
    .trimEnd()
    .replace(/[:：]$/, '')
    .trim();
  return {
    name,
    up: false,
    ...(isTunnelName(name) ? { pointToPoint: true } : {}),
    addresses: [],
    gateways: [],
    resolvers: [],
  };
}

function readValue(adapter: WindowsAdapter, key: string, value: string): void {
  const shown = value.replace(/[(（].*$/, '').trim();
  if (!isAddress(shown)) {
    // The driver's description: a heading may call a tunnel an Ethernet adapter.
    if (isTunnelName(value) && adapter.addresses.length === 0 && !/DNS|Suffix/i.test(key))
      adapter.pointToPoint = true;
    return;
  }
  if (/DNS/i.test(key)) {
    if (!IPV6_RESOLVER_OF_OLD.test(shown)) adapter.resolvers.push(shown);
  } else if (GATEWAY.test(key)) adapter.gateways.push(shown);
  else if (MASK.test(key)) {
    const last = adapter.addresses.at(-1);
    const prefix = prefixOf(shown);
    if (last !== undefined && last.family === 4 && prefix !== null) last.prefix = prefix;
  } else if (NOT_AN_ADDRESS_OF_OURS.test(key)) return;
  else if (/IP/i.test(key)) {
    const address = shown.replace(/%\w{1,16}$/, '');
    adapter.addresses.push({ address, prefix: familyOf(address) === 6 ? 64 : 32, family: familyOf(address) });
  }
}

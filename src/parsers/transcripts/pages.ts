import { isAddress } from '../../ground/address.ts';
import type { Endpoint } from './endpoint.ts';

/** A page of Firefox names its host below the headline, in the language of its user. */
export const PAGE_HOST =
  /^(?:The server at|Der Server unter|Le serveur à l.adresse|El servidor en|Il server|O servidor em|De server op|Сервер) ([a-z0-9][a-z0-9.-]{0,250}\.[a-z0-9-]{1,62})(?::(\d{1,5}))?(?=\s)/i;

/** `db.example.com refused to connect.`, `db.example.com hat die Verbindung abgelehnt.`: how browsers' pages begin. */
export function namedFirst(line: string): Endpoint | null {
  const name = /^([a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){1,8})(?::(\d{1,5}))?(?:['’]s)? \S/i.exec(line);
  if (name === null || isAddress(name[1]!) || /\.(js|py|go|java|cs|ts|rb)$/.test(name[1]!)) return null;
  return {
    host: name[1]!.toLowerCase(),
    address: null,
    port: name[2] === undefined ? null : Number(name[2]),
  };
}

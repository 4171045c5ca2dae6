import { nearest } from '../ground/nearest.ts';
import { type Service, serviceNamed, serviceNames } from '../ground/services.ts';
import { usageError as error, isUsageError, shown, type UsageError } from './usage-error.ts';

interface Port {
  port: number;
  /** Where a name was written in place of the number. */
  service: Service | null;
}

/** A port number or the name of a service; `where` is quoted in the sentence. */
export function parsePort(text: string, where: string): Port | UsageError {
  const given = text.trim();
  const place = where.startsWith('-') ? where : shown(where);
  if (given === '') {
    return error(`${place} has nothing where the port belongs: write a number from 1 to 65535, as in 443.`);
  }
  if (/^\d+$/.test(given)) {
    const port = Number(given);
    if (port === 0) return error('Port 0 cannot be connected to: write a port from 1 to 65535, as in 443.');
    if (port > 65535) {
      return error(
        `Port ${shown(given).slice(1, -1)} is out of range: write a port from 1 to 65535, as in 443.`,
      );
    }
    if (given.startsWith('0'))
      return error(`Port ${shown(given).slice(1, -1)} begins with a zero: write it as ${port}.`);
    return { port, service: null };
  }
  if (/^-\d+$/.test(given)) {
    return error(
      `Port ${shown(given).slice(1, -1)} is out of range: write a port from 1 to 65535, as in 443.`,
    );
  }
  if (/^\d+\s*[-–]\s*\d+$/.test(given)) {
    return error(`${shown(given)} is a range, and one port is diagnosed at a time: write it as in 443.`);
  }
  if (/^[a-z][a-z0-9-]*$/i.test(given)) {
    const service = parseService(given);
    return isUsageError(service) ? service : { port: service.port, service };
  }
  return error(
    `${shown(given)} is not a port: write a number from 1 to 65535 or a service name, as in 443 or https.`,
  );
}

export function parseService(name: string): Service | UsageError {
  const given = name.trim();
  if (given === '') return error('The service name is empty: write one as in --service https.');
  const service = serviceNamed(given);
  if (service !== null) return service;
  const guess = nearest(given, serviceNames());
  return error(
    `The service ${shown(given)} is not known: write ${guess === null ? 'a port number such as 443' : `${guess}, or a port number`}.`,
  );
}

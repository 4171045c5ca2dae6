import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** An HTTPS server on ::1 whose certificate is for one address, and vouches for itself: `ca` is for --ca. */
export async function httpsFor(
  address: string,
  dir: string,
): Promise<{ url: string; ca: string; close(): void }> {
  const name = address.replaceAll(':', '-');
  const [key, ca] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
  const subject = ['-subj', '/CN=robust', '-addext', `subjectAltName=IP:${address}`];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', ca], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (_, response) =>
    response.end('ok'),
  );
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '::1', resolve);
  });
  return {
    url: `https://[::1]:${(server.address() as AddressInfo).port}/`,
    ca,
    close: () => void server.close(),
  };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificatesSent } from '../../src/doors/speak/sent-certificates.ts';

/** Real handshakes are in gather/probes/service-tls.test.ts; here is what no good server sends. */

const record = (type: number, ...octets: number[]): Uint8Array =>
  Uint8Array.from([type, 3, 3, octets.length >> 8, octets.length & 255, ...octets]);
const secret = { secret: new Uint8Array(32), cipher: 'TLS_AES_128_GCM_SHA256' };

describe('what cannot be read of a certificate message', () => {
  it.each([
    ['nothing came', new Uint8Array()],
    ['no TLS', Buffer.from('220 mx.test ESMTP\r\n')],
    ['a ServerHello alone', record(22, 2, 0, 0, 1, 0)],
    ['a list longer than its message', record(22, 11, 0, 0, 3, 0, 0, 9)],
    ['a certificate longer than its list', record(22, 11, 0, 0, 7, 0, 0, 4, 0, 0, 9, 1)],
    ['a message that was cut', record(22, 11, 0, 0, 9, 0, 0, 6, 0)],
  ])('%s: null', (_, octets) => {
    expect(certificatesSent(octets, null)).toBeNull();
  });

  it('an empty list is one', () => {
    expect(certificatesSent(record(22, 11, 0, 0, 3, 0, 0, 0), null)).toEqual([]);
  });

  it('a record that another key made, or a cipher suite that nobody knows: null', () => {
    const sealed = record(23, ...new Uint8Array(40));
    expect(certificatesSent(sealed, secret)).toBeNull();
    expect(certificatesSent(sealed, { ...secret, cipher: 'TLS_SM4_GCM_SM3' })).toBeNull();
  });

  it('whatever comes, it is a list or null', () => {
    const octets = fc.uint8Array({ maxLength: 60 });
    const stream = fc.oneof(
      octets,
      octets.map((inner) => record(22, 11, ...inner)),
      octets.map((inner) => record(23, ...inner)),
    );
    fc.assert(
      fc.property(stream, fc.constantFrom(null, secret), (received, key) => {
        const sent = certificatesSent(received, key);
        expect(sent === null || Array.isArray(sent)).toBe(true);
      }),
    );
  });
});

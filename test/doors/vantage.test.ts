import { describe, expect, it } from 'vitest';
import { isExempt, proxiesFor, proxyIn } from '../../src/doors/vantage.ts';

describe('the proxy of the environment', () => {
  it.each<[Record<string, string>, [string, string, number] | null]>([
    [{}, null],
    [{ https_proxy: '' }, null],
    [{ https_proxy: 'http://10.0.0.9:3128' }, ['https_proxy', '10.0.0.9', 3128]],
    [{ HTTPS_PROXY: 'proxy.example.net:8080' }, ['HTTPS_PROXY', 'proxy.example.net', 8080]],
    [{ http_proxy: 'http://a:80', all_proxy: 'http://b:81/' }, ['all_proxy', 'b', 81]],
    [{ http_proxy: 'http://[2001:db8::9]:3128' }, ['http_proxy', '2001:db8::9', 3128]],
    // In capitals it may be the header `Proxy:` of a CGI request.
    [{ HTTP_PROXY: 'http://a:80' }, null],
    [{ https_proxy: 'http://a' }, ['https_proxy', 'a', 1080]],
    [{ https_proxy: 'http://a:80/' }, ['https_proxy', 'a', 80]],
    // Other protocols than a plain CONNECT.
    [{ https_proxy: 'socks5://a:1080' }, null],
    [{ https_proxy: 'https://a:443' }, null],
    [{ https_proxy: 'http://:::' }, null],
  ])('%j', (env, wanted) => {
    const found = proxyIn(env);
    expect(found === null ? null : [found.variable, found.host, found.port]).toEqual(wanted);
  });

  it('keeps no credentials', () => {
    const found = proxyIn({ https_proxy: 'http://user:secret@10.0.0.9:3128/path?query' });
    expect(found).toEqual({ variable: 'https_proxy', host: '10.0.0.9', port: 3128 });
  });
});

describe('what no_proxy takes out', () => {
  it('is asked for no hint, and its proxy is known all the same', () => {
    const of = (env: Record<string, string>) => proxiesFor('db.example.com', env);
    const proxy = { variable: 'https_proxy', host: '10.0.0.9', port: 3128 };
    const env = { https_proxy: 'http://10.0.0.9:3128' };
    expect(of(env)).toEqual({ proxyVariables: ['https_proxy'], proxy });
    expect(of({ ...env, no_proxy: 'example.com' })).toEqual({
      proxyVariables: [],
      proxy: { ...proxy, exempt: true },
    });
    expect(of({ no_proxy: 'example.com' })).toEqual({ proxyVariables: [], proxy: null });
  });

  it.each([
    ['db.example.com', '*', true],
    ['db.example.com', 'example.com', true],
    ['db.example.com', '.example.com', true],
    ['example.com', '.example.com', true],
    ['DB.Example.Com.', 'localhost, db.example.com', true],
    ['notexample.com', 'example.com', false],
    ['db.example.com', 'example.org,db', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.30', '10.1.2.3', false],
    ['2001:db8::7', '[2001:DB8:0::7]', true],
    ['2001:db8::7', '2001:db8::/32', true],
    ['db.example.com', '', false],
    ['db.example.com', '.', false],
    ['10.1.2.3', '3', false],
  ])('%s and "%s": %s', (host, noProxy, exempt) => {
    expect(isExempt(host, noProxy)).toBe(exempt);
  });
});

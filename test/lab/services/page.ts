/** HTTPS with a page, for many clients at a time: `node page.js PORT KEY CERTIFICATES`. */
import { readFileSync } from 'node:fs';
import https from 'node:https';

const [port, key = '', cert = ''] = process.argv.slice(2);
https
  .createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => {
    answer.end('<!doctype html><p>A page.</p>');
  })
  .listen(Number(port), '::');

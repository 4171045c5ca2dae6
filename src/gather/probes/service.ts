/** Probes of what an open port says. */
export { greeting } from './service/greeting.ts';
export { http } from './service/http.ts';
export { ssh } from './service/ssh.ts';
export { tls } from './service/tls.ts';
export { stall } from './stall.ts';

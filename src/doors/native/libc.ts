import { koffi as load } from './koffi.ts';

/** The few functions of libc that node:net has no word for. Return values as in their man pages (-1 = see `errno`). */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  bind(fd: number, address: Buffer, length: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: Buffer, length: Buffer, flags: number): number;
  shutdown(fd: number, how: number): number;
  connect(fd: number, address: Buffer, length: number): number;
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  send(fd: number, data: Buffer, length: number, flags: number): number;
  recv(fd: number, data: Buffer, length: number, flags: number): number;
  recvmsg(fd: number, header: Buffer, flags: number): number;
  poll(fds: Buffer, count: number, timeoutMs: number): number;
  close(fd: number): number;
  ifNameToIndex(name: string): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  errno(): number;
  /** Where the octets lie in memory. The buffer must outlive every use of the number. */
  addressOf(buffer: Buffer): bigint;
}

/** Throws when koffi is not installed or was not built for this system. */
export function loadLibc(): Libc {
  const koffi = load();
  const c = koffi.load(null);
  return {
    socket: c.func('int socket(int, int, int)'),
    setsockopt: c.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockopt: c.func('int getsockopt(int, int, int, void *, void *)'),
    bind: c.func('int bind(int, void *, uint32_t)'),
    listen: c.func('int listen(int, int)'),
    accept4: c.func('int accept4(int, void *, void *, int)'),
    shutdown: c.func('int shutdown(int, int)'),
    connect: c.func('int connect(int, void *, uint32_t)'),
    getsockname: c.func('int getsockname(int, void *, void *)'),
    send: c.func('intptr_t send(int, void *, size_t, int)'),
    recv: c.func('intptr_t recv(int, void *, size_t, int)'),
    recvmsg: c.func('intptr_t recvmsg(int, void *, int)'),
    poll: c.func('int poll(void *, unsigned long, int)'),
    close: c.func('int close(int)'),
    ifNameToIndex: c.func('unsigned int if_nametoindex(const char *)'),
    prctl: c.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)'),
    errno: () => koffi.errno(),
    addressOf: (buffer) => BigInt(koffi.address(buffer)),
  };
}

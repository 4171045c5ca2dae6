import { koffi } from '../koffi.ts';
import { F_SETFL, O_NONBLOCK } from './layout.ts';

/** The few functions of libSystem that node has no word for. Return values as in their man pages (-1 = see `errno`). */
export interface MacLibrary {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  connect(fd: number, address: Buffer, length: number): number;
  recv(fd: number, data: Buffer, length: number, flags: number): number;
  poll(fds: Buffer, count: number, timeoutMs: number): number;
  setNonBlocking(fd: number): number;
  close(fd: number): number;
  errno(): number;
}

/** Throws when koffi is not installed or was not built for this system. */
export function loadMac(): MacLibrary {
  const native = koffi();
  const c = native.load(null);
  // Variadic: on arm64 such arguments go on the stack, and a plain prototype would pass garbage.
  const fcntl = c.func('int fcntl(int, int, ...)');
  const recv = c.func('intptr_t recv(int, void *, size_t, int)');
  return {
    socket: c.func('int socket(int, int, int)'),
    setsockopt: c.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockopt: c.func('int getsockopt(int, int, int, void *, void *)'),
    getsockname: c.func('int getsockname(int, void *, void *)'),
    connect: c.func('int connect(int, void *, uint32_t)'),
    recv: (fd, data, length, flags) => Number(recv(fd, data, length, flags)),
    poll: c.func('int poll(void *, unsigned int, int)'),
    setNonBlocking: (fd) => fcntl(fd, F_SETFL, 'int', O_NONBLOCK),
    close: c.func('int close(int)'),
    errno: () => native.errno(),
  };
}

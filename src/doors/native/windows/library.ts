import { koffiLibrary } from '../koffi.ts';

/** The few functions of ws2_32 and iphlpapi that node has no word for. Return values as Microsoft documents them. */
export interface WindowsLibrary {
  socket(family: number, type: number, protocol: number): bigint | number;
  setsockopt(socket: bigint, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(socket: bigint, level: number, option: number, value: Buffer, length: Buffer): number;
  ioctlsocket(socket: bigint, command: number, argument: Buffer): number;
  connect(socket: bigint, address: Buffer, length: number): number;
  WSAPoll(sockets: Buffer, count: number, timeoutMs: number): number;
  closesocket(socket: bigint): number;
  /** WSAGetLastError, which is GetLastError. */
  lastError(): number;
  IcmpCreateFile(): bigint | number;
  IcmpSendEcho(
    handle: bigint | number,
    address: number,
    data: Buffer,
    size: number,
    options: Buffer,
    reply: Buffer,
    replySize: number,
    timeoutMs: number,
  ): number;
  IcmpCloseHandle(handle: bigint | number): number;
}

/** Throws when koffi is not installed or the system has no such functions. */
export function loadWindows(): WindowsLibrary {
  const sockets = koffiLibrary('ws2_32.dll');
  const helper = koffiLibrary('iphlpapi.dll');
  const startup = sockets.func('int __stdcall WSAStartup(uint16_t, void *)');
  startup(0x0202, Buffer.alloc(512));
  return {
    socket: sockets.func('uint64_t __stdcall socket(int, int, int)'),
    setsockopt: sockets.func('int __stdcall setsockopt(uint64_t, int, int, void *, int)'),
    getsockopt: sockets.func('int __stdcall getsockopt(uint64_t, int, int, void *, void *)'),
    ioctlsocket: sockets.func('int __stdcall ioctlsocket(uint64_t, uint32_t, void *)'),
    connect: sockets.func('int __stdcall connect(uint64_t, void *, int)'),
    WSAPoll: sockets.func('int __stdcall WSAPoll(void *, uint32_t, int)'),
    closesocket: sockets.func('int __stdcall closesocket(uint64_t)'),
    lastError: sockets.func('int __stdcall WSAGetLastError()'),
    IcmpCreateFile: helper.func('uint64_t __stdcall IcmpCreateFile()'),
    IcmpSendEcho: helper.func(
      'uint32_t __stdcall IcmpSendEcho(uint64_t, uint32_t, void *, uint16_t, void *, void *, uint32_t, uint32_t)',
    ),
    IcmpCloseHandle: helper.func('int __stdcall IcmpCloseHandle(uint64_t)'),
  };
}

import { koffi, koffiLibrary } from '../koffi.ts';

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
  /** Flags and family 0: every unicast address and DNS server of every adapter. Returns an error of Windows, 0 = none. */
  GetAdaptersAddresses(family: number, flags: number, table: Buffer, size: Buffer): number;
  /** Writes MIB_IPFORWARD_ROW2 and the source address (SOCKADDR_INET). Returns an error of Windows, 0 = none. */
  GetBestRoute2(interfaceIndex: number, destination: Buffer, row: Buffer, source: Buffer): number;
  /** Completes MIB_IPNET_ROW2. Returns an error of Windows, 0 = none. */
  GetIpNetEntry2(row: Buffer): number;
  /** Where the octets lie in memory. The buffer must outlive every use of the number. */
  addressOf(buffer: Buffer): bigint;
}

/** ERROR_NOT_SUPPORTED, for a function that this system does not have. */
const NOT_SUPPORTED = 50;

/** Throws when koffi is not installed or the system has no such functions. */
export function loadWindows(): WindowsLibrary {
  const sockets = koffiLibrary('ws2_32.dll');
  const helper = koffiLibrary('iphlpapi.dll');
  const startup = sockets.func('int __stdcall WSAStartup(uint16_t, void *)');
  startup(0x0202, Buffer.alloc(512));
  // Wine lacks some of these; the others must work there all the same.
  // biome-ignore lint/suspicious/noExplicitAny: koffi builds functions from C prototypes at run time
  const perhaps = (prototype: string): ((...args: any[]) => any) => {
    try {
      return helper.func(prototype);
    } catch {
      // Not in this iphlpapi: what it would have told stays unknown.
      return () => NOT_SUPPORTED;
    }
  };
  const bestRoute = perhaps(
    'uint32_t __stdcall GetBestRoute2(void *, uint32_t, void *, void *, uint32_t, void *, void *)',
  );
  const adapters = perhaps(
    'uint32_t __stdcall GetAdaptersAddresses(uint32_t, uint32_t, void *, void *, void *)',
  );
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
    GetAdaptersAddresses: (family, flags, table, size) => adapters(family, flags, null, table, size),
    GetBestRoute2: (index, destination, row, source) =>
      bestRoute(null, index, null, destination, 0, row, source),
    GetIpNetEntry2: perhaps('uint32_t __stdcall GetIpNetEntry2(void *)'),
    addressOf: (buffer) => BigInt(koffi().address(buffer)),
  };
}

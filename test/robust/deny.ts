/**
 * `deny WHAT PROGRAM ARGUMENT ...`: becomes the program, with a seccomp filter that denies one thing for good
 * (seccomp(2), BPF). Linux on x64 and arm64.
 */
import { createRequire } from 'node:module';

type Instruction = [code: number, jumpTrue: number, jumpFalse: number, k: number];
const LOAD = 0x20;
const EQUAL = 0x15;
const ANY_BIT = 0x45;
const AND = 0x54;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const errno = (code: number): number => 0x00050000 | code;
const NR: Instruction = [LOAD, 0, 0, 0];
const argument = (n: number): Instruction => [LOAD, 0, 0, 16 + 8 * n];

const isArm = process.arch === 'arm64';
const SYSCALL = isArm
  ? { socket: 198, clone: 220, fork: -1, vfork: -1, clone3: 435, prctl: 167, ptrace: 117 }
  : { socket: 41, clone: 56, fork: 57, vfork: 58, clone3: 435, prctl: 157, ptrace: 101 };
const EPERM = 1;
const EAGAIN = 11;
const EACCES = 13;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const CLONE_THREAD = 0x10000;

const socketOf = (n: number, wanted: number, mask: number, code: number): Instruction[] => [
  NR,
  [EQUAL, 0, 4, SYSCALL.socket],
  argument(n),
  [AND, 0, 0, mask],
  [EQUAL, 0, 1, wanted],
  [RETURN, 0, 0, errno(code)],
  [RETURN, 0, 0, ALLOW],
];
const whole = (syscall: number, code: number): Instruction[] => [
  NR,
  [EQUAL, 0, 1, syscall],
  [RETURN, 0, 0, errno(code)],
  [RETURN, 0, 0, ALLOW],
];

const FILTERS: Record<string, Instruction[]> = {
  netlink: socketOf(0, 16, 0xffff, EACCES),
  inet6: socketOf(0, 10, 0xffff, EAFNOSUPPORT),
  raw: socketOf(1, 3, 0xf, EPERM),
  udp: socketOf(1, 2, 0xf, EPERM),
  tcp: socketOf(1, 1, 0xf, EACCES),
  prctl: whole(SYSCALL.prctl, EPERM),
  ptrace: whole(SYSCALL.ptrace, EPERM),
  // Processes but not threads: clone3 is made to look unknown, so that the C library falls back to clone.
  fork: [
    NR,
    [EQUAL, 5, 0, SYSCALL.clone3],
    [EQUAL, 5, 0, isArm ? 0xffff : SYSCALL.fork],
    [EQUAL, 4, 0, isArm ? 0xfffe : SYSCALL.vfork],
    [EQUAL, 0, 4, SYSCALL.clone],
    argument(0),
    [ANY_BIT, 2, 1, CLONE_THREAD],
    [RETURN, 0, 0, errno(ENOSYS)],
    [RETURN, 0, 0, errno(EAGAIN)],
    [RETURN, 0, 0, ALLOW],
  ],
};

const [what = '', ...command] = process.argv.slice(2);
const filter = FILTERS[what];
if (filter === undefined || command.length === 0) {
  process.stderr.write(`usage: deny ${Object.keys(FILTERS).join('|')} PROGRAM ...\n`);
  process.exit(64);
}

const koffi = createRequire(import.meta.url)('koffi') as {
  load(file: string): { func(prototype: string): (...args: unknown[]) => number };
  address(buffer: unknown): bigint;
};
const libc = koffi.load('libc.so.6');
const prctl = libc.func('int prctl(int, unsigned long, void *, unsigned long, unsigned long)');
const execv = libc.func('int execv(const char *, void *)');

const program = Buffer.alloc(filter.length * 8);
for (const [n, [code, jumpTrue, jumpFalse, k]] of filter.entries()) {
  program.writeUInt16LE(code, n * 8);
  program.writeUInt8(jumpTrue, n * 8 + 2);
  program.writeUInt8(jumpFalse, n * 8 + 3);
  program.writeUInt32LE(k >>> 0, n * 8 + 4);
}
const fprog = Buffer.alloc(16);
fprog.writeUInt16LE(filter.length, 0);
fprog.writeBigUInt64LE(koffi.address(program), 8);

// node marks them to be closed on exec.
const fcntl = libc.func('int fcntl(int, int, int)');
const F_SETFD = 2;
for (const descriptor of [0, 1, 2]) fcntl(descriptor, F_SETFD, 0);

const words = command.map((word) => Buffer.from(`${word}\0`));
const argv = Buffer.alloc((words.length + 1) * 8);
for (const [n, word] of words.entries()) argv.writeBigUInt64LE(koffi.address(word), n * 8);

const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0);
if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0, 0) !== 0) {
  process.stderr.write('deny: the kernel took no filter\n');
  process.exit(65);
}
execv(command[0] ?? '', argv);
process.stderr.write('deny: the program could not be started\n');
process.exit(66);

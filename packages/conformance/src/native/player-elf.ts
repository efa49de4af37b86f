/**
 * A program for x86-64, in machine code, that makes the system calls that it reads. It needs no compiler and no
 * library, and has only one page and three files, so that all other addresses and descriptors are free for a tape. It
 * reads the number and six arguments of a call from descriptor 0, makes the call, and writes the result to descriptor
 * 1, until the end of its input.
 */

/** Address of its page, which no tape uses. The first half is the program, the second half is scratch memory. */
export const PLAYER_PAGE = 0x7fe0_0000;
/** Address of the buffer for a call and its result. */
const CALL = PLAYER_PAGE + 0x400;
/** Memory for strings and structs. */
export const SCRATCH = PLAYER_PAGE + 0x800;
export const SCRATCH_SIZE = 0x800;
/** Size in bytes of a call: the number and six arguments. */
export const CALL_SIZE = 56;

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
/** An instruction that moves between a 64-bit register and memory at a 32-bit address. */
const load = (opcode: readonly number[], offset: number): number[] => [
  ...opcode,
  0x25,
  ...word(CALL + offset),
];

const CODE = [
  // read(0, CALL, 56)
  ...[0x31, 0xc0, 0x31, 0xff, 0xbe, ...word(CALL), 0xba, ...word(CALL_SIZE), 0x0f, 0x05],
  // cmp $56, %rax; je over exit_group(0)
  ...[0x48, 0x83, 0xf8, CALL_SIZE, 0x74, 0x09, 0xb8, ...word(231), 0x31, 0xff, 0x0f, 0x05],
  // %rax, %rdi, %rsi, %rdx, %r10, %r8, %r9
  ...load([0x48, 0x8b, 0x04], 0),
  ...load([0x48, 0x8b, 0x3c], 8),
  ...load([0x48, 0x8b, 0x34], 16),
  ...load([0x48, 0x8b, 0x14], 24),
  ...load([0x4c, 0x8b, 0x14], 32),
  ...load([0x4c, 0x8b, 0x04], 40),
  ...load([0x4c, 0x8b, 0x0c], 48),
  ...[0x0f, 0x05],
  // mov %rax, CALL
  ...load([0x48, 0x89, 0x04], 0),
  // write(1, CALL, 8)
  ...[0xb8, ...word(1), 0xbf, ...word(1), 0xbe, ...word(CALL), 0xba, ...word(8), 0x0f, 0x05],
];

const ELF_HEADER = 64;
const PROGRAM_HEADER = 56;
const START = ELF_HEADER + PROGRAM_HEADER;

/** The program as an ELF file. */
export function playerElf(): Uint8Array {
  const file = Buffer.alloc(0x1000);
  // e_ident: 64 bits, little-endian; ET_EXEC, EM_X86_64.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(PLAYER_PAGE + START), 24);
  file.writeBigUInt64LE(BigInt(ELF_HEADER), 32);
  file.writeUInt16LE(ELF_HEADER, 52);
  file.writeUInt16LE(PROGRAM_HEADER, 54);
  file.writeUInt16LE(1, 56);
  // One PT_LOAD: readable, writable, executable.
  file.writeUInt32LE(1, ELF_HEADER);
  file.writeUInt32LE(7, ELF_HEADER + 4);
  file.writeBigUInt64LE(BigInt(PLAYER_PAGE), ELF_HEADER + 16);
  file.writeBigUInt64LE(BigInt(PLAYER_PAGE), ELF_HEADER + 24);
  file.writeBigUInt64LE(BigInt(file.length), ELF_HEADER + 32);
  file.writeBigUInt64LE(BigInt(file.length), ELF_HEADER + 40);
  file.writeBigUInt64LE(BigInt(file.length), ELF_HEADER + 48);
  // And again from the start: jmp rel32.
  const jump = [0xe9, ...word(-(CODE.length + 5))];
  file.set([...CODE, ...jump], START);
  return file;
}

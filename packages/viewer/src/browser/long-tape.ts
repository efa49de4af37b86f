/** A long tape: a program that maps and unmaps, in a pattern that the fake kernel replays with the results of the tape. */

const hex = (value: number, bytes: number): string => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes).toString('hex');
};

const MEMORY = 0x2000_0000;
const PAGE = 4096;
/** Maximum number of mappings at a time. */
const MOST = 64;

/** Creates a tape. @param calls number of calls, at least three */
export function longTape(calls: number): Uint8Array {
  const lines: string[] = [];
  const say = (step: object): void => void lines.push(JSON.stringify(step));
  const argument = `0x${MEMORY.toString(16)}`;
  const ioctl = (cmd: string, before: string, after: string): void => {
    say({ op: 'poke', addr: argument, hex: before });
    say({ op: 'ioctl', fd: 3, cmd, arg: argument, ret: 0 });
    say({ op: 'peek', addr: argument, hex: after });
  };
  say({ tape: 1, name: 'long', kernel: '7.3.4', arch: 'x86_64', calls });
  say({
    op: 'mmap',
    addr: argument,
    len: PAGE * (MOST + 1),
    prot: 3,
    flags: 50,
    fd: -1,
    off: 0,
    ret: argument,
  });
  say({ op: 'open', path: '/dev/iommu', ret: 3 });
  ioctl('0x3b81', hex(12, 4) + '00'.repeat(8), hex(12, 4) + hex(0, 4) + hex(1, 4));
  for (let i = 0; i < calls - 3; i++) {
    const slot = i % MOST;
    const iova = 0x100_0000 + slot * PAGE;
    const isMap = Math.floor(i / MOST) % 2 === 0;
    if (isMap) {
      const address = MEMORY + PAGE * (slot + 1);
      // FIXED_IOVA, WRITEABLE, READABLE
      const map =
        hex(40, 4) + hex(7, 4) + hex(1, 4) + hex(0, 4) + hex(address, 8) + hex(PAGE, 8) + hex(iova, 8);
      ioctl('0x3b85', map, map);
    } else {
      const unmap = hex(24, 4) + hex(1, 4) + hex(iova, 8) + hex(PAGE, 8);
      ioctl('0x3b86', unmap, unmap);
    }
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

import type { smmuv3_command } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';
import { Random } from '@iommufd/testkit';

/** Commands that W2 encodes. */
export const COMMANDS = 65_536;
/** Bytes of a command. */
export const COMMAND_BYTES = 16;

type AnyCommand = Encodable<typeof smmuv3_command>;
type CommandOf<Opcode extends number> = Extract<AnyCommand, { readonly Opcode: Opcode }>;

/** Numbers of the commands, so that code written by hand has them as constants. */
export const CFGI_CD = 0x05;
export const TLBI_NH_ASID = 0x11;
export const TLBI_NH_VA = 0x12;
export const TLBI_NSNH_ALL = 0x30;
export const ATC_INV = 0x40;

/** What guests send most: invalidations. */
export type Command =
  | CommandOf<typeof CFGI_CD>
  | CommandOf<typeof TLBI_NH_ASID>
  | CommandOf<typeof TLBI_NH_VA>
  | CommandOf<typeof TLBI_NSNH_ALL>
  | CommandOf<typeof ATC_INV>;

/** Addresses are of pages. */
const PAGE_MASK = 0xffff_ffff_ffff_f000n;

const SEED = 0xc0_3d;

/** The commands, each an object such as a program would write down: varied in kind and in all values. */
export function commandObjects(): Command[] {
  const random = new Random(SEED);
  const bits = (width: number): number => random.next() >>> (32 - width);
  const address = (): bigint => random.long() & PAGE_MASK;
  const make: readonly (() => Command)[] = [
    () => ({
      Opcode: TLBI_NH_VA,
      NUM: bits(5),
      SCALE: bits(6),
      Leaf: bits(1),
      TTL128: bits(1),
      TTL: bits(2),
      TG: bits(2),
      VMID: bits(16),
      ASID: bits(16),
      Address: address(),
    }),
    () => ({ Opcode: TLBI_NH_ASID, VMID: bits(16), ASID: bits(16) }),
    () => ({ Opcode: CFGI_CD, SSec: bits(1), SubstreamID: bits(20), StreamID: random.next(), Leaf: bits(1) }),
    () => ({
      Opcode: ATC_INV,
      Global: bits(1),
      SSV: bits(1),
      SubstreamID: bits(20),
      StreamID: random.next(),
      Size: bits(6),
      Address: address(),
    }),
    () => ({ Opcode: TLBI_NSNH_ALL }),
  ];
  return Array.from({ length: COMMANDS }, () => {
    const one = make[random.next() % make.length];
    if (one === undefined) throw new RangeError('no such kind of command');
    return one();
  });
}

/** The engine of QEMU's `edu`, as the recorder of the SMMUv3 tapes drove it. Source: QEMU, `docs/specs/edu.rst`. */

/** Registers of BAR 0. */
const DMA_SOURCE = 0x80;
const DMA_DESTINATION = 0x88;
const DMA_COUNT = 0x90;
const DMA_COMMAND = 0x98;
const DMA_RUN = 1;
/** The device writes memory. */
const DMA_TO_MEMORY = 2;

/** The address of the device's own buffer, as its engine takes it. */
const BUFFER = 0x4_0000n;

/** What a program writes to the engine's registers to have it copy. Each is 64 bits wide. */
export function engineWrites(copy: {
  readonly write: boolean;
  readonly iova: bigint;
  readonly length: number;
  readonly bufferOffset: number;
}): readonly { readonly offset: bigint; readonly value: bigint }[] {
  const inside = BUFFER + BigInt(copy.bufferOffset);
  return [
    { offset: BigInt(DMA_SOURCE), value: copy.write ? inside : copy.iova },
    { offset: BigInt(DMA_DESTINATION), value: copy.write ? copy.iova : inside },
    { offset: BigInt(DMA_COUNT), value: BigInt(copy.length) },
    { offset: BigInt(DMA_COMMAND), value: BigInt(DMA_RUN | (copy.write ? DMA_TO_MEMORY : 0)) },
  ];
}

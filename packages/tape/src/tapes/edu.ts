/** The DMA engine of QEMU's `edu` device, which the recorder of the SMMUv3 tapes used. Source: QEMU, `docs/specs/edu.rst`. */

/** Registers of BAR 0. */
const DMA_SOURCE = 0x80;
const DMA_DESTINATION = 0x88;
const DMA_COUNT = 0x90;
const DMA_COMMAND = 0x98;
const DMA_RUN = 1;
/** Direction: from the device's buffer to memory. */
const DMA_TO_MEMORY = 2;

/** The address of the device's buffer in the registers of the engine. */
const BUFFER = 0x4_0000n;

/** The register writes that start a copy. Each is 64 bits wide. */
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

import { BPF, SOCK_FILTER_SIZE } from './bpf.js';

/** Runs a filter on a `struct seccomp_data`, as the kernel does. @returns its result @throws Error if it is not a valid filter */
export function interpret(filter: Uint8Array, data: Uint8Array): number {
  const program = new DataView(filter.buffer, filter.byteOffset, filter.length);
  const input = new DataView(data.buffer, data.byteOffset, data.length);
  let register = 0;
  for (let index = 0; index * SOCK_FILTER_SIZE < filter.length; index++) {
    const offset = index * SOCK_FILTER_SIZE;
    const code = program.getUint16(offset, true);
    const [ifTrue, ifFalse] = [program.getUint8(offset + 2), program.getUint8(offset + 3)];
    const k = program.getUint32(offset + 4, true);
    const branch = (holds: boolean): number => (index += holds ? ifTrue : ifFalse);
    switch (code) {
      case BPF.load:
        register = input.getUint32(k, true);
        break;
      case BPF.and:
        register = (register & k) >>> 0;
        break;
      case BPF.jump:
        index += k;
        break;
      case BPF.equal:
        branch(register === k);
        break;
      case BPF.atLeast:
        branch(register >= k);
        break;
      case BPF.anyOf:
        branch((register & k) !== 0);
        break;
      case BPF.return:
        return k;
      default:
        throw new Error(`statement ${index} has code ${code}`);
    }
  }
  throw new Error('the filter ends without a return');
}

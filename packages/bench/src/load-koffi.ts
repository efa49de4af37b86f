import type KoffiModule from 'koffi';
import type { Cannot } from './implementation.js';

type Koffi = typeof KoffiModule;

/** koffi, or why it is not there: it is native code, which there is not for every machine. */
export async function loadKoffi(): Promise<Koffi | Cannot> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The first line says what; paths of the machine are left out.
    return { cannot: `it does not load here: ${reason.split('\n')[0] ?? ''}` };
  }
}

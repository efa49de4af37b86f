/** Links to playgrounds: the actions, compressed, in the fragment of the address, which is not sent to a server. */
import type { Action, PlayMachine } from '../model/playground.js';
import type { LabAction } from '../model/smmu-lab.js';

/** The actions of a playground with a kernel, or of the SMMUv3 alone. */
export type Shared =
  | { readonly machine: PlayMachine; readonly actions: readonly Action[] }
  | { readonly machine: 'lab'; readonly actions: readonly LabAction[] };

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: GenericTransformStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The link for actions. */
export async function linkOf({ machine, actions }: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ machine, actions }));
  const packed = await through(bytes, new CompressionStream('deflate-raw'));
  const text = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  return `${location.href.replace(/#.*$/, '')}#play=${text}`;
}

const MACHINES: readonly unknown[] = ['mock', 'smmuv3', 'lab'];

/**
 * The actions in a link.
 * @returns undefined if the address has none
 * @throws RangeError if they cannot be decoded
 */
export async function sharedIn(hash: string): Promise<Shared | undefined> {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('play');
  if (text === null) return undefined;
  let shared: Partial<Shared> | undefined;
  try {
    const packed = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
      each.charCodeAt(0),
    );
    const bytes = await through(packed, new DecompressionStream('deflate-raw'));
    shared = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Shared>;
  } catch (error) {
    const isOfText =
      error instanceof SyntaxError || error instanceof TypeError || error instanceof DOMException;
    if (!isOfText) throw error;
  }
  if (shared === undefined || !MACHINES.includes(shared.machine) || !Array.isArray(shared.actions))
    throw new RangeError('the link cannot be decoded: it may be truncated');
  // The machine was checked above; each action is checked when it is performed.
  return shared as Shared;
}

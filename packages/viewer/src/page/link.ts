/** A playground in a link: its actions, compressed, behind the # of the address, which no server sees. */
import type { Action, PlayMachine } from '../model/playground.js';

interface Shared {
  readonly machine: PlayMachine;
  readonly actions: readonly Action[];
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: GenericTransformStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The link of a playground. */
export async function linkOf({ machine, actions }: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ machine, actions }));
  const packed = await through(bytes, new CompressionStream('deflate-raw'));
  const text = btoa(String.fromCharCode(...packed))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  return `${location.href.replace(/#.*$/, '')}#play=${text}`;
}

/** The playground of a link. @returns undefined if the address has none, or what it has cannot be read */
export async function sharedIn(hash: string): Promise<Shared | undefined> {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('play');
  if (text === null) return undefined;
  try {
    const packed = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
      each.charCodeAt(0),
    );
    const bytes = await through(packed, new DecompressionStream('deflate-raw'));
    const { machine, actions } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Shared>;
    if ((machine !== 'mock' && machine !== 'smmuv3') || !Array.isArray(actions)) return undefined;
    // What is in an action is looked at when it is done.
    return { machine, actions };
  } catch (error) {
    // It was cut off, or is of something else: what is wrong with it in particular helps as little as the text itself.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof DOMException)
      return undefined;
    throw error;
  }
}

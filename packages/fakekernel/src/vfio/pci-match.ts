/** Names of devices of a group: `vfio_pci_core_match()` of Linux's `vfio_pci_core.c`. */
import { fail } from '../errno.js';
import type { VfioPciCore } from './pci-core.js';

const TOKEN = 'vf_token=';
/** Length and format of a UUID's text. */
const UUID_STRING_LENGTH = 36;
const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * True if the text names this function: its address, optionally followed by blanks, `vf_token=` and a UUID.
 * @throws EINVAL for other text after a blank, or for an invalid UUID; as `checkToken()`
 */
export function matchName(core: VfioPciCore, text: string): boolean {
  const { name } = core.pdev.node;
  if (!text.startsWith(name)) return false;
  const rest = text.slice(name.length);
  if (rest !== '' && !rest.startsWith(' ')) return false;
  let uuid: Uint8Array | undefined;
  for (let left = withoutBlanks(rest); left !== '';) {
    if (uuid !== undefined || !left.startsWith(TOKEN)) throw fail('EINVAL');
    uuid = parseUuid(left.slice(TOKEN.length, TOKEN.length + UUID_STRING_LENGTH));
    left = withoutBlanks(left.slice(TOKEN.length + UUID_STRING_LENGTH));
  }
  core.checkToken(uuid);
  return true;
}

/** `uuid_parse()`: the bytes in the order of the text. @throws EINVAL */
function parseUuid(text: string): Uint8Array {
  if (!UUID_FORM.test(text)) throw fail('EINVAL');
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

const withoutBlanks = (text: string): string => text.replace(/^ +/, '');

/** Names of devices of a group: `vfio_pci_core_match()` of Linux's `vfio_pci_core.c`. */
import { fail } from '../errno.js';
import type { VfioPciCore } from './pci-core.js';

const TOKEN = 'vf_token=';
/** Characters of a UUID, and its form. */
const UUID_STRING_LENGTH = 36;
const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Is this the name of a function: its address, and perhaps `vf_token=` and a UUID behind blanks?
 * @throws EINVAL for what else is behind a blank, or an invalid UUID; as `checkToken()`
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

/** `uuid_parse()`: the bytes in the order in which they are written. @throws EINVAL */
function parseUuid(text: string): Uint8Array {
  if (!UUID_FORM.test(text)) throw fail('EINVAL');
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

const withoutBlanks = (text: string): string => text.replace(/^ +/, '');

import { layout } from '@iommufd/uapi/struct';
import type { Io } from '../io.js';
import { layoutIn, releaseNamed } from '../kernel.js';
import { findType } from '../lookup.js';
import { paintFor } from '../paint.js';
import { layoutTable } from '../print/table.js';

/** `iommufd layout`: prints the offset and size of each field of a struct. @throws Failure if the struct is unknown */
export function layoutCommand(
  io: Io,
  name: string,
  options: { readonly json?: boolean; readonly kernel?: string },
): void {
  const type = findType(name);
  const found = options.kernel === undefined ? layout(type) : layoutIn(type, releaseNamed(options.kernel));
  io.write(options.json === true ? `${JSON.stringify(found)}\n` : layoutTable(found, paintFor(io), io.width));
}

import { layout } from '@iommufd/uapi/struct';
import type { Io } from '../io.js';
import { layoutIn, releaseNamed } from '../kernel.js';
import { findType } from '../lookup.js';
import { paintFor } from '../paint.js';
import { layoutTable } from '../print/table.js';

/** `iommufd layout`: where each field of a struct is. @throws Failure */
export function layoutCommand(
  io: Io,
  name: string,
  options: { readonly json?: boolean; readonly kernel?: string },
): void {
  const type = findType(name);
  const found = options.kernel === undefined ? layout(type) : layoutIn(type, releaseNamed(options.kernel));
  io.write(options.json === true ? `${JSON.stringify(found)}\n` : layoutTable(found, paintFor(io), io.width));
}

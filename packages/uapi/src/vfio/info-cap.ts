import { u16, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './info-cap.generated.js';

/**
 * The header of a capability. An INFO request returns information beyond its struct in a chain of capabilities; `cap_offset`
 * of the struct is the offset of the first one, 0 if the chain is empty or `argsz` is too small for it. The ids depend on the
 * request. Source: `linux/vfio.h`.
 */
export const vfio_info_cap_header = struct(
  'vfio_info_cap_header',
  'The header of a capability.',
  {
    id: u16.out('Id of the capability. Each INFO request has its own ids.'),
    version: u16.out('Version of its format, from 1.'),
    next: u32.out(
      'Offset of the next capability, in bytes from the start of the INFO struct; 0 for the last one.',
    ),
  },
  { code: code.vfio_info_cap_header },
);

/** Ranges of IOVAs with mappings. */

import { HwptPaging } from '../iommufd/hwpt.js';
import { Ioas } from '../iommufd/ioas.js';
import type { IommufdObject } from '../iommufd/object.js';
import type { Surroundings } from './values.testing.js';
import { PAGE } from './world.testing.js';

interface Range {
  iova: bigint;
  length: bigint;
}

/** A range that an IOAS maps: one area, several areas, or a part of one. */
export function mappedRange(around: Surroundings, id: number): Range | undefined {
  const { random } = around;
  const ioas = around.object(id);
  const areas = ioas instanceof Ioas ? ioas.table.allAreas() : [];
  const first = random.maybe(areas);
  if (first === undefined) return undefined;
  const { start, length } = first;
  switch (random.below(6)) {
    case 0:
      return { iova: start, length: length + BigInt(PAGE) };
    case 1: {
      const pages = Number(length / BigInt(PAGE));
      if (pages < 2) break;
      const skipped = random.below(pages);
      return {
        iova: start + BigInt(skipped * PAGE),
        length: BigInt(random.below(pages - skipped) * PAGE + PAGE),
      };
    }
    case 2: {
      const { last } = random.pick(areas);
      if (last > start) return { iova: start, length: last - start + 1n };
    }
  }
  return { iova: start, length };
}

export const isNestParent = (object: IommufdObject): boolean =>
  object instanceof HwptPaging && object.isNestParent;

/** A page table with dirty tracking. */
export function trackingHwpt(around: Surroundings): number | undefined {
  return around.random.maybe(
    around.idsOf(['hwpt'], (hwpt) => hwpt instanceof HwptPaging && hwpt.domain.dirty !== undefined),
  );
}

/** A range that a page table maps. */
export function rangeOfHwpt(around: Surroundings, id: number): Range | undefined {
  const hwpt = around.object(id);
  return hwpt instanceof HwptPaging ? mappedRange(around, hwpt.ioas.id) : undefined;
}

/** A range of any IOAS of the context. */
export function someRange(around: Surroundings): Range | undefined {
  const ioas = around.random.maybe(around.idsOf(['ioas']));
  return ioas === undefined ? undefined : mappedRange(around, ioas);
}

import { expect, test } from '@jest/globals';
import { bundle, runInBrowser } from './bundle.js';

const HERE = new URL('./', import.meta.url);

test('a bundled program has the compiled code of the codecs that it uses, and of no others', async () => {
  const program = `
    import {
      decode,
      encode,
      iommu_hwpt_page_response,
      iommu_hwpt_pgfault,
      iommu_ioas_map,
      iommu_viommu_arm_smmuv3_invalidate,
      iommufd_vevent_header,
      smmuv3_command,
      smmuv3_event,
    } from '@iommufd/uapi';
    const map = { size: 40, flags: 7, ioas_id: 1, user_va: 0x7000n, length: 0x1000n, iova: 0x2000n };
    const bytes = encode(iommu_ioas_map, map);
    const types = [
      iommu_hwpt_page_response,
      iommu_hwpt_pgfault,
      iommu_ioas_map,
      iommu_viommu_arm_smmuv3_invalidate,
      iommufd_vevent_header,
      smmuv3_command,
      smmuv3_event,
    ];
    globalThis.result = JSON.stringify({
      slow: types.filter(({ compiled }) => compiled === undefined).map(({ name }) => name),
      byCode: decode(iommu_ioas_map, bytes).iova === iommu_ioas_map.compiled.read(new DataView(bytes.buffer), 0).iova,
    });`;
  const script = await bundle(program, HERE);
  expect(runInBrowser(script)).toEqual({ slow: [], byCode: true });
  expect(script).not.toContain('iommu_vdevice_alloc');
});

test('a program with one struct costs less than 40 KB', async () => {
  const program = `
    import { decode, encode, iommu_destroy } from '@iommufd/uapi';
    const { id } = decode(iommu_destroy, encode(iommu_destroy, { size: 8, id: 5 }));
    globalThis.result = JSON.stringify({ id, isCompiled: iommu_destroy.compiled !== undefined });`;
  const script = await bundle(program, HERE, { minify: true });
  expect(runInBrowser(script)).toEqual({ id: 5, isCompiled: true });
  expect(script.length).toBeLessThan(40_000);
});

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { allStructs } from '@iommufd/uapi/registry';
import { bundle, runInBrowser } from './bundle.js';

const sourcesOf = (root: URL) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(name))
    .map((name) => [name, readFileSync(new URL(name, root), 'utf8')] as const);
const importsOf = (text: string) => [...text.matchAll(/\bfrom '([^']+)'/g)].map(([, from = '']) => from);

const UAPI = new URL('../../../uapi/src/', import.meta.url);
const FAKEKERNEL = new URL('../../../fakekernel/src/', import.meta.url);
const SMMUV3 = new URL('../../../smmuv3/src/', import.meta.url);

test.each(sourcesOf(UAPI))('uapi: %s imports only its own package and restructure', (_name, text) => {
  for (const from of importsOf(text)) expect(from).toMatch(/^\.\.?\/|^restructure$/);
});

test.each(sourcesOf(FAKEKERNEL))('fakekernel: %s imports only packages of this repository', (_name, text) => {
  for (const from of importsOf(text))
    expect(from).toMatch(/^\.\.?\/|^@iommufd\/(smmuv3|uapi(\/struct|\/history)?)$/);
});

test.each(sourcesOf(SMMUV3))('smmuv3: %s imports only its own package and uapi', (_name, text) => {
  for (const from of importsOf(text)) expect(from).toMatch(/^\.\.?\/|^@iommufd\/uapi(\/struct|\/history)?$/);
});

test('the codecs run in a browser', async () => {
  const program = `
    import * as uapi from './index.js';
    import { allStructs } from './registry.js';
    import { toHex } from './struct/index.js';
    const bytes = uapi.encode(uapi.iommu_destroy, { size: 8, id: 5 });
    globalThis.result = JSON.stringify({
      hex: toHex(bytes),
      id: uapi.view(uapi.iommu_destroy, bytes).id,
      event: uapi.decode(uapi.smmuv3_event, uapi.encode(uapi.smmuv3_event, { EventNumber: 6, StreamID: 9 })).StreamID,
      structs: allStructs.size,
    });`;
  expect(runInBrowser(await bundle(program, UAPI))).toEqual({
    hex: '0800000005000000',
    id: 5,
    event: 9,
    structs: allStructs.size,
  });
});

test('the fake kernel runs in a browser', async () => {
  const program = `
    import * as uapi from '@iommufd/uapi';
    import { FakeKernel, mockModule } from './index.js';
    const kernel = new FakeKernel([mockModule]);
    const process = kernel.spawn();
    const memory = new Uint8Array(4096);
    const at = process.mapHost(memory, uapi.PROT_READ | uapi.PROT_WRITE);
    const fd = process.open('/dev/iommu');
    const call = (ioctl, value) => {
      memory.set(uapi.encode(ioctl.struct, value));
      return process.ioctl(fd, ioctl.request, at);
    };
    const made = call(uapi.IOMMU_IOAS_ALLOC, { size: 12, flags: 0, out_ioas_id: 0 });
    const id = uapi.decode(uapi.iommu_ioas_alloc, memory.subarray(0, 12)).out_ioas_id;
    const destroyed = call(uapi.IOMMU_DESTROY, { size: 8, id });
    const again = call(uapi.IOMMU_DESTROY, { size: 8, id });
    process.exit();
    globalThis.result = JSON.stringify({ fd, made, id, destroyed, again, left: kernel.leftOver() });`;
  expect(runInBrowser(await bundle(program, FAKEKERNEL))).toEqual({
    fd: 3,
    made: 0,
    id: 1,
    destroyed: 0,
    again: -2,
    left: [],
  });
});

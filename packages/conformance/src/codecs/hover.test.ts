import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** A file of a user of `@iommufd/uapi`. It exists only in the editor. */
const FILE = fileURLToPath(new URL('hover.example.ts', import.meta.url));
const PROGRAM = `
import { decode, decodeVevents, type Encodable, iommu_hwpt_alloc, smmuv3_event, smmuv3_ste, view } from '@iommufd/uapi';
const bytes = new Uint8Array(64);
for (const record of decodeVevents(smmuv3_event, bytes)) {
  if (record.kind === 'event' && record.event.EventNumber === 0x10) record.event.InputAddr;
}
const decoded = decode(iommu_hwpt_alloc, bytes);
decoded.fault_id;
view(iommu_hwpt_alloc, bytes).data_type;
const { S1ContextPtr } = decode(smmuv3_ste, bytes);
view(smmuv3_ste, bytes).Config;
const encodable: Encodable<typeof iommu_hwpt_alloc> = decoded;
encodable.pt_id;
`;

/** The hover text of an editor for the last `name` in the program: its declaration, and its documentation. */
function hoverer(): (name: string) => { readonly says: string; readonly means: string } {
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    customConditions: ['iommufd-source'],
    types: [],
  };
  const read = (name: string) => (name === FILE ? PROGRAM : ts.sys.readFile(name));
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => fileURLToPath(new URL('./', import.meta.url)),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === FILE || ts.sys.fileExists(name),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
  });
  return (name) => {
    const info = service.getQuickInfoAtPosition(FILE, PROGRAM.lastIndexOf(name));
    return {
      says: ts.displayPartsToString(info?.displayParts),
      means: ts.displayPartsToString(info?.documentation),
    };
  };
}

test('an editor shows the name of a decoded type and the meaning of its fields', () => {
  const hover = hoverer();
  expect(hover('decoded;').says).toBe('const decoded: IommuHwptAlloc');
  expect(hover('InputAddr').means).toBe('[191:128] Input address of the transaction.');
  expect(hover('fault_id').means).toMatch(/^The fault queue; .* Id of fault\.$/);
  expect(hover('data_type').means).toMatch(/One of iommu_hwpt_data_type\.$/);
  expect(hover('S1ContextPtr').means).toMatch(/^\[55:6\] /);
  expect(hover('Config').means).toMatch(/One of smmuv3_ste_config\.$/);
  expect(hover('pt_id').means).toMatch(/Id of /);
});

/**
 * Converts the actions of a playground to a test for the SDK: calls of its objects, with the observed results as
 * expectations.
 */
import type { Action } from './playground.js';
import type { PlayMachine } from './playground.js';

/** An action and its result. */
export interface Done {
  readonly action: Action;
  /** The name of the errno; empty for success. */
  readonly errno: string;
  /** Fields of the argument after the call, as text. */
  readonly returned: Readonly<Record<string, string>>;
  /** Its text in the timeline. */
  readonly text: string;
  /** Its result in the timeline. */
  readonly outcome: string;
}

const hasFlag = (flags: string | undefined, name: string): boolean => (flags ?? '').split('|').includes(name);
const big = (text: string | undefined): string =>
  `${text === undefined || text.trim() === '' ? '0' : text.trim()}n`;

/** Writes tests. */
class Writer {
  readonly lines: string[] = [];
  /** Names of variables, by the ids of objects. */
  private readonly names = new Map<string, string>();
  private readonly used = new Set<string>();
  private device = '';

  private name(kind: string, id: string | undefined): string {
    let name = `${kind}${id ?? ''}`;
    while (this.used.has(name)) name += '_';
    this.used.add(name);
    if (id !== undefined) this.names.set(id, name);
    return name;
  }

  private known(id: string | undefined): string | undefined {
    return id === undefined ? undefined : this.names.get(id.trim());
  }

  /** Writes a call: the object that it creates, or the errno that it fails with. */
  private call(
    done: Done,
    expression: string | undefined,
    made?: { readonly kind: string; readonly id: string | undefined },
  ): void {
    const { errno, text } = done;
    if (expression === undefined) {
      this.lines.push(`// The SDK has no call for this: ${text}`);
      return;
    }
    if (errno !== '') this.lines.push(`expect(() => ${expression}).toThrow(/${errno}/);`);
    else if (made === undefined) this.lines.push(`${expression};`);
    else {
      const name = this.name(made.kind, made.id);
      if (made.kind === 'device') this.device = name;
      this.lines.push(`const ${name} = ${expression};`);
    }
  }

  write(done: Done): void {
    const { action } = done;
    if (action.do === 'ioctl') this.ioctl(done, action.name, action.values);
    else if (action.do === 'dma') {
      const waits = done.outcome === 'waits';
      const bytes = `Uint8Array.from(Buffer.from('${action.hex.replace(/[^0-9a-f]/gi, '')}', 'hex'))`;
      const access = action.write
        ? `hardware.dma.write(${big(action.iova)}, ${bytes})`
        : `hardware.dma.read(${big(action.iova)}, ${action.length})`;
      if (waits) this.lines.push(`const access = ${access}; // it waits for an answer`);
      else if (done.outcome === 'done') this.lines.push(`await ${access};`);
      else this.lines.push(`await expect(${access}).rejects.toThrow(DmaFault);`);
    } else if (action.do === 'event')
      this.lines.push(`expect(hardware.raiseEvent()).toBe(${done.outcome === 'reported'});`);
    else if (action.do === 'interrupts')
      this.lines.push(action.held ? 'smmu.holdInterrupts();' : 'smmu.releaseInterrupts();');
    else if (action.do === 'unplug') this.lines.push('kernel.startUnplug(hardware);');
    else this.lines.push(`// The SDK has no call for this: ${done.text}`);
  }

  private ioctl(done: Done, name: string, values: Readonly<Record<string, string>>): void {
    const { returned } = done;
    const of = (field: string): string | undefined => this.known(values[field]);
    const method = (object: string | undefined, text: string): string | undefined =>
      object === undefined ? undefined : `${object}.${text}`;
    switch (name) {
      case 'IOMMU_IOAS_ALLOC':
        return this.call(done, 'iommufd.allocIoas()', { kind: 'ioas', id: returned['out_ioas_id'] });
      case 'IOMMU_FAULT_QUEUE_ALLOC':
        return this.call(done, 'iommufd.allocFaultQueue()', { kind: 'faults', id: returned['out_fault_id'] });
      case 'VFIO_DEVICE_BIND_IOMMUFD':
        return this.call(done, 'iommufd.openDevice(node)', { kind: 'device', id: returned['out_devid'] });
      case 'VFIO_DEVICE_ATTACH_IOMMUFD_PT': {
        const to = of('pt_id');
        return this.call(
          done,
          to === undefined ? undefined : method(this.device || undefined, `attach(${to})`),
        );
      }
      case 'VFIO_DEVICE_DETACH_IOMMUFD_PT':
        return this.call(done, method(this.device || undefined, 'detach()'));
      case 'IOMMU_IOAS_MAP': {
        const fixed = hasFlag(values['flags'], 'IOMMU_IOAS_MAP_FIXED_IOVA')
          ? `iova: ${big(values['iova'])}, `
          : '';
        const rights = `read: ${hasFlag(values['flags'], 'IOMMU_IOAS_MAP_READABLE')}, write: ${hasFlag(values['flags'], 'IOMMU_IOAS_MAP_WRITEABLE')}`;
        return this.call(
          done,
          method(
            of('ioas_id'),
            `mapMemory(memory, { ${fixed}length: Number(${big(values['length'])}), ${rights} })`,
          ),
        );
      }
      case 'IOMMU_IOAS_UNMAP':
        return this.call(
          done,
          method(of('ioas_id'), `unmap({ iova: ${big(values['iova'])}, length: ${big(values['length'])} })`),
        );
      case 'IOMMU_HWPT_ALLOC': {
        if ((values['data_len'] ?? '0') !== '0' || of('pt_id') === undefined)
          return this.call(done, undefined);
        const { flags } = values;
        const options = [
          `ioas: ${of('pt_id') ?? ''}`,
          ...(hasFlag(flags, 'IOMMU_HWPT_ALLOC_NEST_PARENT') ? ['nestParent: true'] : []),
          ...(hasFlag(flags, 'IOMMU_HWPT_ALLOC_DIRTY_TRACKING') ? ['dirtyTracking: true'] : []),
          ...(hasFlag(flags, 'IOMMU_HWPT_FAULT_ID_VALID') ? [`faultQueue: ${of('fault_id') ?? ''}`] : []),
        ].join(', ');
        return this.call(done, method(of('dev_id'), `allocHwpt({ ${options} })`), {
          kind: 'hwpt',
          id: returned['out_hwpt_id'],
        });
      }
      case 'IOMMU_VIOMMU_ALLOC': {
        const type = /SELFTEST/.test(values['type'] ?? '')
          ? 'selftest'
          : /SMMUV3/.test(values['type'] ?? '')
            ? 'arm-smmuv3'
            : undefined;
        const parent = of('hwpt_id');
        const text =
          type === undefined || parent === undefined
            ? undefined
            : method(of('dev_id'), `allocViommu({ type: '${type}', parent: ${parent} })`);
        return this.call(done, text, { kind: 'viommu', id: returned['out_viommu_id'] });
      }
      case 'IOMMU_VDEVICE_ALLOC': {
        const device = of('dev_id');
        const text =
          device === undefined
            ? undefined
            : method(
                of('viommu_id'),
                `allocVdevice({ device: ${device}, virtualId: ${big(values['virt_id'])} })`,
              );
        return this.call(done, text, { kind: 'vdevice', id: returned['out_vdevice_id'] });
      }
      case 'IOMMU_VEVENTQ_ALLOC': {
        const type = /SELFTEST/.test(values['type'] ?? '')
          ? 'selftest'
          : /SMMUV3/.test(values['type'] ?? '')
            ? 'arm-smmuv3'
            : undefined;
        const text =
          type === undefined
            ? undefined
            : method(
                of('viommu_id'),
                `allocVeventq({ type: '${type}', depth: ${Number(values['veventq_depth'] ?? 1)} })`,
              );
        return this.call(done, text, { kind: 'events', id: returned['out_veventq_id'] });
      }
      case 'IOMMU_DESTROY':
        return this.call(done, method(of('id'), 'close()'));
      default:
        return this.call(done, undefined);
    }
  }
}

/** The test with the same actions. */
export function sdkTest(machine: PlayMachine, all: readonly Done[]): string {
  const writer = new Writer();
  for (const done of all) writer.write(done);
  const isMock = machine === 'mock';
  const hardware = isMock
    ? ['const kernel = new FakeKernel([mockModule]);', 'const hardware = new MockDevice({ pasids: true });']
    : [
        'const kernel = new FakeKernel();',
        'const smmu = new FakeSmmuv3(kernel);',
        'const hardware = smmu.addDevice({ streamId: 0x10, canStall: true, canwbs: true });',
      ];
  const usesMemory = writer.lines.some((line) => line.includes('memory'));
  const usesNode = writer.lines.some((line) => line.includes('(node)'));
  const names = ['FakeKernel', ...(isMock ? ['MockDevice', 'mockModule'] : ['FakeSmmuv3'])];
  if (writer.lines.some((line) => line.includes('DmaFault'))) names.unshift('DmaFault');
  const body = [
    ...hardware,
    `${usesNode ? 'const node = ' : ''}kernel.plug(hardware);`,
    'const program = kernel.spawn();',
    'const iommufd = Iommufd.open(program);',
    ...(usesMemory ? ['const memory = iommufd.allocMemory(16 << 20);'] : []),
    '',
    ...writer.lines,
    '',
    'program.exit();',
    'expect(kernel.leftOver()).toEqual([]);',
  ];
  return [
    "import { expect, test } from '@jest/globals';",
    `import { ${names.join(', ')} } from '@iommufd/fakekernel';`,
    "import { Iommufd } from '@iommufd/sdk';",
    '',
    "test('as in the playground', async () => {",
    ...body.map((line) => (line === '' ? '' : `  ${line}`)),
    '});',
    '',
  ].join('\n');
}

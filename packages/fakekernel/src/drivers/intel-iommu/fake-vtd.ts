import {
  capabilitiesOf,
  extendedCapabilitiesOf,
  type VtdConfig,
  vtdConfigs,
} from '../../hardware/vtd/config.js';
import type { PciIommu, PciPlace, ShownIommu } from '../../hardware/pci/pci-iommu.js';
import type { Device } from '../../iommu/device.js';
import { IntelIommu } from './intel-iommu.js';
import { VtdDevice, type VtdDeviceOptions } from './vtd-device.js';

/**
 * An Intel VT-d unit with Linux's driver, for tests. A test creates it, adds devices and plugs them into a {@link FakeKernel}.
 * Their DMA is translated by the driver's page tables.
 */
export class FakeVtd implements PciIommu {
  /** @internal */
  readonly shown: ShownIommu;
  private readonly iommu: IntelIommu;
  private readonly devices = new Map<number, VtdDevice>();

  /**
   * @param config its capability registers. Default: {@link vtdConfigs}.secondStage
   * @throws RangeError if the registers have nested translation, dirty tracking or page requests, which are not modelled; or if
   *   they have no translation at all
   */
  constructor(config: VtdConfig = vtdConfigs.secondStage) {
    const { SAGAW } = capabilitiesOf(config.cap);
    const { NEST, SSADS, PRS, SMTS, SSTS, FSTS } = extendedCapabilitiesOf(config.ecap);
    for (const [name, value] of Object.entries({ NEST, SSADS, PRS }))
      if (value !== 0) throw new RangeError(`FakeVtd: ECAP_REG.${name} is not modelled. Clear it.`);
    // Linux does not support a unit without a width of 39, 48 or 57 bits, and allocates no domain on one without a stage.
    if ((SAGAW & 0xe) === 0) throw new RangeError('FakeVtd: CAP_REG.SAGAW has no width that Linux uses');
    if (SMTS === 1 && SSTS === 0 && FSTS === 0)
      throw new RangeError('FakeVtd: scalable mode (ECAP_REG.SMTS) needs SSTS or FSTS');
    this.iommu = new IntelIommu(config);
    this.shown = shownUnit(config);
  }

  /** Adds a device, which can then be plugged in with {@link FakeKernel.plug}. @throws Error if its source id is in use */
  addDevice(options: VtdDeviceOptions): VtdDevice {
    const { sourceId } = options;
    if (!Number.isInteger(sourceId) || sourceId < 0 || sourceId > 0xffff)
      throw new RangeError(`a source id is a number of 16 bits, found ${String(sourceId)}`);
    if (this.devices.has(sourceId))
      throw new Error(`source id 0x${sourceId.toString(16)} belongs to another device already`);
    const device = new VtdDevice(this.iommu, options);
    this.devices.set(sourceId, device);
    return device;
  }

  /** @internal */
  addFunction({ pci, requesterId, group }: PciPlace): VtdDevice {
    return this.addDevice({ pci, group, sourceId: requesterId });
  }

  /** @internal */
  removeFunction(device: Device): void {
    if (device instanceof VtdDevice && this.devices.get(device.sourceId) === device)
      this.devices.delete(device.sourceId);
  }
}

/** Address of the registers of a machine's first unit. */
const REGISTERS = 0xfed9_0000;

/** `intel_iommu_groups`: the unit in sysfs. Its version is 1.0; domains in use are not counted. */
function shownUnit({ cap, ecap }: VtdConfig): ShownIommu {
  const { ND } = capabilitiesOf(cap);
  return {
    name: 'dmar0',
    driver: 'intel-iommu',
    attributes: {
      address: REGISTERS.toString(16),
      cap: cap.toString(16),
      domains_supported: String(2 ** (4 + 2 * ND)),
      domains_used: '0',
      ecap: ecap.toString(16),
      version: '1:0',
    },
  };
}

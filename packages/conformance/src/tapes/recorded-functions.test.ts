/** Compares the functions of the recorded machines with the recorder's list: `tapes/vfio/devices.json`. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { boot } from '@iommufd/tape';
import { toHex } from '@iommufd/uapi/struct';

/** The contents of sysfs for a function before it was used. */
interface Described {
  readonly bdf: string;
  readonly links: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly config: string;
  readonly configSize: number;
}

const described = JSON.parse(
  readFileSync(new URL('../../tapes/vfio/devices.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, Described>>>>;

const functions = Object.entries(described).flatMap(([machine, all]) =>
  Object.entries(all).map(([name, each]) => [machine, name, each] as const),
);

test.each(functions)('machine %s, %s', (machine, _name, { bdf, files, config, configSize }) => {
  const { files: found } = boot({ arch: 'x86_64', kernel: '7.3.4', machine });
  const at = `/sys/bus/pci/devices/${bdf}`;
  const shown = found?.cat(`${at}/config`, 4096);
  if (!(shown instanceof Uint8Array)) throw new Error(`config: ${String(shown)}`);
  expect(shown).toHaveLength(configSize);
  expect(toHex(shown)).toBe(config.padEnd(2 * configSize, '0'));
  const path = files['firmware_node/path'];
  if (path === undefined) return;
  const node = found?.cat(`${at}/firmware_node/path`, 4096);
  expect(node instanceof Uint8Array ? new TextDecoder().decode(node).trim() : node).toBe(path);
});

/**
 * Tests a VMM that is not written in TypeScript. It runs on the fake kernel, and the test plays its device. The C program is
 * tested if there is a compiler; the same program in JavaScript is always tested.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { DmaFault, FakeKernel, FakeSmmuv3, MockDevice } from '@iommufd/fakekernel';
import { type NativeRun, runProgram } from '@iommufd/native';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function compiled(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), 'vmm-')), 'vmm');
  const { status } = spawnSync('cc', ['-O2', '-o', program, here('vmm.c')]);
  return status === 0 ? program : undefined;
}

const inC = compiled();
const programs: [name: string, program: string, args: string[]][] = [
  ['in JavaScript', process.execPath, [here('vmm.mjs')]],
  ...(inC === undefined ? [] : [['in C', inC, []] as [string, string, string[]]]),
];

/** Returns a function that returns the next line that a program prints. */
function linesOf({ stdout }: NativeRun): () => Promise<string> {
  if (stdout === null) throw new Error('its output is not a pipe');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async () => (await lines.next()).value as string;
}

describe.each(programs)('the VMM %s', (_name, program, args) => {
  test('maps pages that its device requests, refuses others, and closes the device so that it can be unplugged', async () => {
    const kernel = new FakeKernel();
    const device = new MockDevice();
    const node = kernel.plug(device);
    const run = await runProgram(kernel, program, [...args, node], { stdio: ['pipe', 'pipe', 'inherit'] });
    const next = linesOf(run);
    expect(await next()).toBe('ready');
    // The page is not mapped: the device waits until the program maps it.
    const message = 'written by the device';
    await device.dma.write(0x4000_0000n, new TextEncoder().encode(message));
    expect(await next()).toBe('mapped 0x40000000');
    expect(Buffer.from(await device.dma.read(0x4000_0000n, 7)).toString()).toBe('written');

    await expect(device.dma.read(0x5000_0000n, 1)).rejects.toThrow(DmaFault);
    expect(await next()).toBe('refused 0x50000000');

    // The device is open: Linux would wait.
    expect(() => kernel.unplug(device)).toThrow('close it before');
    run.stdin?.end();
    expect(await next()).toBe(message);
    expect(await run.exited).toEqual({ code: 0, signal: null });
    kernel.unplug(device);
    expect(kernel.leftOver()).toEqual([]);
  });

  test('prints the events for its guest, and the number of those that were lost while it was stopped', async () => {
    const kernel = new FakeKernel();
    const device = new FakeSmmuv3(kernel).addDevice({ streamId: 0x100 });
    const node = kernel.plug(device);
    const run = await runProgram(kernel, program, [...args, node], { stdio: ['pipe', 'pipe', 'inherit'] });
    const next = linesOf(run);
    const access = (): Promise<void> => expect(device.dma.read(0x4000_0000n, 4)).rejects.toThrow('aborted');

    expect(await next()).toBe('ready');
    await access();
    // C_BAD_CD, with the virtual StreamID.
    const event = 'event 0xa of stream 0x10';
    expect(await next()).toBe(event);

    run.kill('SIGSTOP');
    for (let i = 0; i < 10; i++) await access();
    run.kill('SIGCONT');
    const shown = [];
    for (let i = 0; i < 5; i++) shown.push(await next());
    expect(shown).toEqual([event, event, event, event, '6 events were lost']);
    await access();
    expect(await next()).toBe(event);

    run.stdin?.end();
    expect(await next()).toBe('');
    expect(await run.exited).toEqual({ code: 0, signal: null });
    kernel.unplug(device);
    expect(kernel.leftOver()).toEqual([]);
  });
});

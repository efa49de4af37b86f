/**
 * An interactive fake kernel: a program with `/dev/iommu` open and a device plugged in. The actions are kept as a list,
 * which can be repeated elsewhere, and as the steps of a tape, so that all panels show them.
 */
import type { FakeKernel, Process } from '@iommufd/fakekernel';
import { KernelInspector } from '@iommufd/fakekernel/inspect';
import { Errno } from '@iommufd/fakekernel/task';
import {
  type DeviceOutcome,
  DeviceSteps,
  type MachineOptions,
  makeHardware,
  makeKernel,
  memoryAfter,
  type Step,
  type Tape,
  type TracedCall,
} from '@iommufd/tape/browser';
import { textBytes } from '@iommufd/cli/decoders';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { annotate, toHex } from '@iommufd/uapi/struct';
import { argumentBytes, type Buffer, ioctlNamed, type Values } from './forms.js';
import { History } from './history.js';
import type { Played } from './replaying.js';
import { forgetRules, takeRule } from './rules.js';
import { type Done, sdkTest } from './sdk-test.js';
import { type Row, TimelineReader } from './timeline.js';
import { hex } from './hex.js';

/** The machines of playgrounds. */
export type PlayMachine = 'mock' | 'smmuv3';

/** These machines, as options of a tape. */
const MACHINES: Readonly<Record<PlayMachine, MachineOptions>> = {
  mock: { mock: true, devices: ['mock,pasids'] },
  smmuv3: { smmuv3: true, devices: ['pci@00:02.0,stall,canwbs'] },
};

/** An action of the user. */
export type Action =
  | { readonly do: 'ioctl'; readonly fd: number; readonly name: string; readonly values: Values }
  | { readonly do: 'open'; readonly path: string }
  | { readonly do: 'close'; readonly fd: number }
  | { readonly do: 'read'; readonly fd: number; readonly length: number }
  | { readonly do: 'write'; readonly fd: number; readonly hex: string }
  /** The device accesses memory. */
  | {
      readonly do: 'dma';
      readonly write: boolean;
      readonly iova: string;
      readonly hex: string;
      readonly length: number;
    }
  /** The device reports an event. */
  | { readonly do: 'event' }
  | { readonly do: 'unplug' }
  /** The interrupt threads of the SMMU's driver are held, or run again. */
  | { readonly do: 'interrupts'; readonly held: boolean };

/** The current state of the machine, for forms. */
export interface PlayState {
  readonly machine: PlayMachine;
  readonly node: string;
  readonly isPlugged: boolean;
  readonly files: readonly { readonly fd: number; readonly name: string }[];
  readonly objects: readonly { readonly id: number; readonly kind: string }[];
  readonly log: readonly string[];
  readonly isHeld: boolean;
}

/** The address of arguments, and of the program's memory. */
const ARGUMENTS = 0x1000_0000n;
const ARGUMENTS_LENGTH = 0x10_0000;
const MEMORY = 0x2000_0000n;
const MEMORY_LENGTH = 0x100_0000;
/** Offset of the buffers of a call from its argument. */
const BUFFERS = 0x1000n;
/** Size of a buffer that the kernel writes. */
const OUT_BYTES = 4096;

/** A kernel, a program, and a device. */
export class Playground implements Played {
  readonly rows: Row[] = [];
  readonly calls: (TracedCall | undefined)[] = [];
  readonly history = new History();
  readonly actions: Action[] = [];
  private readonly done: Done[] = [];
  readonly steps: Step[] = [];
  /** Empty: there is no recording to compare with. */
  readonly different: readonly number[] = [];
  readonly refusal = undefined;
  private readonly kernel: FakeKernel;
  private readonly process: Process;
  private readonly devices: DeviceSteps;
  private readonly node = '/dev/vfio/devices/vfio0';
  private readonly inspector: KernelInspector;
  private readonly reader = new TimelineReader();
  private readonly rules = new Map<number, number>();
  private readonly contexts: number[] = [];
  private readonly files = new Map<number, string>();
  private isPlugged = true;
  private isHeld = false;

  constructor(readonly machine: PlayMachine) {
    const kernel = makeKernel(MACHINES[machine]);
    this.kernel = kernel;
    this.devices = new DeviceSteps({ kernel, ...makeHardware(kernel, MACHINES[machine]) });
    this.process = this.kernel.spawn();
    this.inspector = new KernelInspector(this.kernel);
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    for (const [at, length] of [
      [ARGUMENTS, ARGUMENTS_LENGTH],
      [MEMORY, MEMORY_LENGTH],
    ] as const) {
      const prot = PROT_READ | PROT_WRITE;
      const ret = this.process.mmap(at, length, prot, flags, -1, 0n);
      this.add({ op: 'mmap', addr: hex(at), len: length, prot, flags, fd: -1, off: 0, ret: hex(ret) }, []);
    }
    this.open('/dev/iommu');
    this.open(this.node);
  }

  differenceAt(): undefined {
    return undefined;
  }

  ruleAt(index: number): number | undefined {
    return this.rules.get(index);
  }

  contextAt(index: number): number {
    return this.contexts[index] ?? 0;
  }

  /** Adds a call of the program, and the memory after it. */
  private add(step: Step, peeks: readonly Extract<Step, { readonly op: 'peek' }>[], context = 0): void {
    this.steps.push(step, ...peeks);
    const found = this.reader.next(step, memoryAfter([step, ...peeks], 0));
    for (const peek of peeks) this.reader.next(peek, []);
    if (found === undefined) return;
    const { row, call } = found;
    this.rows.push(row);
    this.calls.push(call);
    this.contexts.push(context);
    const rule = takeRule(row.result);
    if (rule !== undefined) this.rules.set(row.index, rule);
    this.history.add(this.inspector.look());
  }

  /**
   * Performs an action.
   * @throws RangeError | SyntaxError | StructError | Failure if it is invalid; then nothing has happened
   */
  perform(action: Action): void {
    const first = this.rows.length;
    forgetRules();
    switch (action.do) {
      case 'ioctl':
        this.ioctl(action.fd, action.name, action.values);
        break;
      case 'open':
        this.open(action.path);
        break;
      case 'close': {
        const ret = this.process.close(action.fd);
        if (ret === 0) this.files.delete(action.fd);
        this.add({ op: 'close', fd: action.fd, ret }, []);
        break;
      }
      case 'read':
        this.read(action.fd, action.length);
        break;
      case 'write':
        this.write(action.fd, textBytes(action.hex, undefined));
        break;
      case 'dma':
        this.dma(action);
        break;
      case 'event':
        this.add({ op: 'event', dev: 0, ...this.devices.event(0) }, []);
        break;
      case 'unplug':
        if (!this.isPlugged) throw new RangeError('the device is not plugged in');
        this.isPlugged = false;
        this.add({ op: 'unplug', dev: 0, ...this.devices.unplug(0) }, []);
        break;
      case 'interrupts': {
        const { held } = action;
        this.add({ op: 'interrupts', held, ...this.devices.interrupts(held) }, []);
        this.isHeld = held;
        break;
      }
    }
    // The action may have been the response that an access waited for.
    this.devices.settle();
    for (const access of this.devices.takeEnded())
      this.add({ op: 'ended', access, ...this.devices.stateOf(access) }, []);
    this.actions.push(action);
    this.done.push(this.outcomeOf(action, first));
  }

  private outcomeOf(action: Action, first: number): Done {
    const row = this.rows[first];
    const argument = this.calls[first]?.memory?.[0];
    const fields =
      argument?.after === undefined || argument.type === undefined
        ? []
        : annotate(argument.type, argument.after);
    return {
      action,
      errno: /^-1 (E[A-Z0-9]+)/.exec(row?.result ?? '')?.[1] ?? '',
      returned: Object.fromEntries(fields.map(({ path, text }) => [path, text])),
      text: row === undefined ? '' : `${row.text} = ${row.result}`,
      outcome: row?.result ?? '',
    };
  }

  /** The actions as a test for the SDK. */
  test(): string {
    return sdkTest(this.machine, this.done);
  }

  private open(path: string): void {
    const ret = this.process.open(path);
    if (ret >= 0) this.files.set(ret, path);
    this.add({ op: 'open', path, ret }, []);
  }

  private contextOf(fd: number): number {
    try {
      return this.inspector.contextOf(this.process.files.get(fd)) ?? 0;
    } catch (error) {
      if (error instanceof Errno) return 0;
      throw error;
    }
  }

  private poke(address: bigint, bytes: Uint8Array): void {
    this.process.memory(address, bytes.length).set(bytes);
    const step: Step = { op: 'poke', addr: hex(address), hex: toHex(bytes) };
    this.steps.push(step);
    this.reader.next(step, []);
  }

  private peek(address: bigint, length: number): Extract<Step, { readonly op: 'peek' }> {
    return { op: 'peek', addr: hex(address), hex: toHex(this.process.memory(address, length)) };
  }

  private ioctl(fd: number, name: string, values: Values): void {
    const { struct, request } = ioctlNamed(name);
    const buffers: { readonly address: bigint; readonly bytes: Uint8Array }[] = [];
    let next = ARGUMENTS + BUFFERS;
    const argument = argumentBytes(struct, values, ({ bytes = new Uint8Array(OUT_BYTES) }: Buffer) => {
      const address = next;
      next += (BigInt(bytes.length) + 0xfffn) & ~0xfffn;
      buffers.push({ address, bytes });
      return address;
    });
    for (const { address, bytes } of buffers) this.poke(address, bytes);
    this.poke(ARGUMENTS, argument);
    const context = this.contextOf(fd);
    const ret = this.process.ioctl(fd, request, ARGUMENTS);
    const peeks = [
      this.peek(ARGUMENTS, argument.length),
      ...buffers.map(({ address, bytes }) => this.peek(address, bytes.length)),
    ];
    this.add({ op: 'ioctl', fd, cmd: hex(request), arg: hex(ARGUMENTS), ret }, peeks, context);
    this.learnFiles();
  }

  /** Records the files that the kernel has created, by their names in the timeline. */
  private learnFiles(): void {
    for (let fd = 3; fd < 64; fd++) {
      const name = this.reader.nameOf(1, fd);
      if (name !== '') this.files.set(fd, name);
    }
  }

  private read(fd: number, length: number): void {
    const at = ARGUMENTS + BUFFERS;
    if (!Number.isInteger(length) || length < 0 || length > OUT_BYTES)
      throw new RangeError(`length: expected 0 to ${OUT_BYTES}, found ${length}`);
    const ret = this.process.read(fd, at, length);
    const peeks = ret > 0 ? [this.peek(at, ret)] : [];
    this.add({ op: 'read', fd, addr: hex(at), len: length, ret }, peeks, this.contextOf(fd));
  }

  private write(fd: number, bytes: Uint8Array): void {
    const at = ARGUMENTS + BUFFERS;
    this.poke(at, bytes);
    const ret = this.process.write(fd, at, bytes.length);
    this.add({ op: 'write', fd, addr: hex(at), len: bytes.length, ret }, [], this.contextOf(fd));
  }

  private dma({ write, iova: text, hex: data, length }: Extract<Action, { readonly do: 'dma' }>): void {
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(text))
      throw new RangeError(`iova: ${JSON.stringify(text)} is not a number`);
    const iova = hex(BigInt(text));
    const bytes = write ? textBytes(data, undefined) : undefined;
    const asked = { dev: 0, write, iova, len: bytes?.length ?? length };
    const given = bytes === undefined ? {} : { hex: toHex(bytes) };
    const outcome: DeviceOutcome = this.devices.access({ ...asked, ...given });
    this.add({ op: 'access', ...asked, ...given, ...outcome }, []);
  }

  /** The current state, for forms. */
  state(): PlayState {
    const objects = this.inspector
      .look()
      .flatMap((context) => context.objects.map(({ id, kind }) => ({ id, kind })));
    const files = [...this.files].map(([fd, name]) => ({ fd, name })).sort((a, b) => a.fd - b.fd);
    const { machine, node, isPlugged, isHeld } = this;
    return { machine, node, isPlugged, files, objects, log: this.kernel.messages.slice(-50), isHeld };
  }

  /** The actions as a tape, including those of the device. */
  tape(): Tape {
    const { machine } = this;
    const { version } = this.kernel;
    return {
      name: 'playground',
      kernel: version.name,
      arch: 'x86_64',
      machine: MACHINES[machine],
      calls: this.rows.length,
      steps: this.steps,
    };
  }
}

/**
 * Copies of object graphs that can be stored, sent and restored: {@link copyGraph} creates a copy, {@link restoreGraph} creates
 * the objects from it. Objects of registered classes, plain objects, arrays, maps, sets and bytes are copied with everything that
 * they refer to. Shared objects stay shared, and cycles stay cycles. Functions, and objects that only a function can create, are
 * created again by their names (`lib/restorable.ts`). A copy is flat: plain arrays of values, which `structuredClone()` accepts.
 */
import { makeAgain, recipeOf, type RestorableClass, type RestorableClasses } from '../lib/restorable.js';
import { type BufferKind, bytesOf, bufferOf, isBuffer, viewNames } from './bytes.js';

/** The kind of a node. */
type Kind = 'class' | 'object' | 'array' | 'map' | 'set' | 'buffer' | 'view' | 'made' | 'given';

/** The description that nodes of the same form share. */
export interface Shape {
  readonly kind: Kind;
  /** Name of the class, of the kind of buffer or view, of the recipe, or of the given object. */
  readonly name: string;
  /** The names of an object's values. */
  readonly fields: readonly string[];
}

/** A copy of an object graph. Node 0 is the root. */
export interface Graph {
  readonly shapes: readonly Shape[];
  /** The shape of each node, and its number of values. */
  readonly shapeOf: Uint32Array;
  readonly counts: Uint32Array;
  /** The values of all nodes, one after the other. A reference is a node number. */
  readonly values: readonly unknown[];
  /** 1 for each value that is a reference. */
  readonly references: Uint8Array;
}

/** Thrown for an object that cannot be part of a snapshot. */
export class SnapshotError extends Error {
  /** `'SnapshotError'`. */
  override readonly name = 'SnapshotError';

  constructor(
    /** The path to it from the kernel: `kernel.functions{0}.pdev`. */
    readonly path: string,
    /** The reason why it cannot be copied. */
    readonly reason: string,
  ) {
    super(`FakeKernel.snapshot: ${path}: ${reason}`);
  }
}

/** @param given objects and functions that are left out, with their names @throws SnapshotError */
export function copyGraph(
  root: object,
  classes: RestorableClasses,
  given: ReadonlyMap<object, string>,
): Graph {
  return new Copier(classes, given).copy(root);
}

/** The shapes of objects with the same prototype, by their keys. */
interface ClassShapes {
  readonly registered: RestorableClass | undefined;
  readonly byKeys: Map<string, KnownShape>;
}

interface KnownShape {
  readonly number: number;
  readonly fields: readonly string[];
}

class Copier {
  private readonly numbers = new Map<object, number>();
  private readonly nodes: object[] = [];
  /** Where each node was found first: the node that refers to it, and the index of that value. */
  private readonly foundIn: number[] = [-1];
  private readonly foundAt: number[] = [0];
  private readonly shapes: Shape[] = [];
  /** Shapes without fields, by kind and name. */
  private readonly named = new Map<Kind, Map<string, number>>();
  private readonly classShapes = new Map<object | null, ClassShapes>();
  private readonly shapeOf: number[] = [];
  private readonly counts: number[] = [];
  private readonly values: unknown[] = [];
  private readonly references: number[] = [];
  /** The node whose values are being copied, and the index of its first value. */
  private current = 0;
  private start = 0;

  constructor(
    private readonly classes: RestorableClasses,
    private readonly given: ReadonlyMap<object, string>,
  ) {}

  copy(root: object): Graph {
    this.nodes.push(root);
    this.numbers.set(root, 0);
    // The loop adds nodes to the list.
    for (this.current = 0; this.current < this.nodes.length; this.current++) {
      const node = this.nodes[this.current];
      if (node === undefined) break;
      this.start = this.values.length;
      this.shapeOf.push(this.copyNode(node));
      this.counts.push(this.values.length - this.start);
    }
    return {
      shapes: this.shapes,
      shapeOf: Uint32Array.from(this.shapeOf),
      counts: Uint32Array.from(this.counts),
      values: this.values,
      references: Uint8Array.from(this.references),
    };
  }

  /** Copies the values of a node. @returns the number of its shape */
  private copyNode(node: object): number {
    const given = this.given.get(node);
    if (given !== undefined) return this.shape('given', given);
    const recipe = recipeOf(node);
    if (recipe !== undefined) {
      for (const value of recipe.captured) this.add(value);
      return this.shape('made', recipe.name);
    }
    if (typeof node === 'function')
      throw this.error('a function without a name: make it with restorable(), or name it in `given`');
    if (Array.isArray(node)) {
      const items: readonly unknown[] = node;
      for (let i = 0; i < items.length; i++) this.add(items[i]);
      return this.shape('array');
    }
    if (node instanceof Map) {
      for (const [key, value] of node as ReadonlyMap<unknown, unknown>) {
        this.add(key);
        this.add(value);
      }
      return this.shape('map');
    }
    if (node instanceof Set) {
      for (const value of node as ReadonlySet<unknown>) this.add(value);
      return this.shape('set');
    }
    if (ArrayBuffer.isView(node)) return this.copyView(node);
    if (isBuffer(node)) return this.copyBuffer(node);
    return this.copyObject(node as Readonly<Record<string, unknown>>);
  }

  private copyView(view: ArrayBufferView): number {
    const name = viewNames.find((each) => Object.prototype.toString.call(view) === `[object ${each}]`);
    if (name === undefined) throw this.error('a view of bytes of an unknown kind');
    this.add(view.buffer);
    this.addCopied(view.byteOffset);
    this.addCopied(view.byteLength);
    return this.shape('view', name);
  }

  private copyBuffer(buffer: BufferKind): number {
    this.addCopied(buffer.byteLength);
    for (const piece of bytesOf(buffer)) {
      this.addCopied(piece.start);
      this.addCopied(piece.bytes);
    }
    return this.shape('buffer', Object.prototype.toString.call(buffer).slice('[object '.length, -1));
  }

  private copyObject(node: Readonly<Record<string, unknown>>): number {
    const { number, fields } = this.shapeOfObject(node);
    for (const field of fields) this.add(node[field]);
    return number;
  }

  private shapeOfObject(node: object): KnownShape {
    const prototype: object | null = Object.getPrototypeOf(node) as object | null;
    let shapes = this.classShapes.get(prototype);
    if (shapes === undefined) {
      shapes = { registered: this.registeredFor(prototype, node), byKeys: new Map() };
      this.classShapes.set(prototype, shapes);
    }
    const keys = Object.keys(node);
    const key = keys.join('\0');
    let known = shapes.byKeys.get(key);
    if (known === undefined) {
      this.checkFields(node, keys);
      const { registered } = shapes;
      const fields = registered === undefined ? keys : keys.filter((field) => !(field in registered.fresh));
      const kind = registered === undefined ? 'object' : 'class';
      known = { number: this.addShape({ kind, name: registered?.name ?? '', fields }), fields };
      shapes.byKeys.set(key, known);
    }
    return known;
  }

  private registeredFor(prototype: object | null, node: object): RestorableClass | undefined {
    // Objects of another realm are plain objects too: jest has several realms.
    if (
      prototype !== null &&
      Object.getPrototypeOf(prototype) === null &&
      prototype.constructor.name === 'Object'
    )
      return undefined;
    const registered = prototype === null ? undefined : this.classes.byPrototype.get(prototype);
    if (registered !== undefined) return registered;
    if (node instanceof Promise) throw this.error('a promise');
    const name =
      prototype === null ? 'an object without a class' : `an object of class ${prototype.constructor.name}`;
    throw this.error(
      `${name}, which has no name: register it with restorableClass(), or name it in \`given\``,
    );
  }

  /** Checks that all fields are plain values, not getters or symbols. Other objects of the shape are assumed to be the same. */
  private checkFields(node: object, keys: readonly string[]): void {
    for (const key of keys) {
      if (Object.getOwnPropertyDescriptor(node, key)?.get !== undefined)
        throw this.error(`${key} is computed by a function of the object itself`);
    }
    if (Object.getOwnPropertySymbols(node).length > 0)
      throw this.error('it has a field whose name is a symbol');
  }

  /** Adds a value of the current node. */
  private add(value: unknown): void {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
      if (typeof value === 'symbol') throw this.error('a symbol', this.values.length - this.start);
      this.addCopied(value);
      return;
    }
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = this.nodes.push(value) - 1;
      this.numbers.set(value, number);
      this.foundIn.push(this.current);
      this.foundAt.push(this.values.length - this.start);
    }
    this.values.push(number);
    this.references.push(1);
  }

  private addCopied(value: unknown): void {
    this.values.push(value);
    this.references.push(0);
  }

  private shape(kind: Kind, name = ''): number {
    let names = this.named.get(kind);
    if (names === undefined) this.named.set(kind, (names = new Map()));
    let number = names.get(name);
    if (number === undefined) names.set(name, (number = this.addShape({ kind, name, fields: [] })));
    return number;
  }

  private addShape(shape: Shape): number {
    return this.shapes.push(shape) - 1;
  }

  /** @param value index of the invalid value in the current node; undefined if the node itself is invalid */
  private error(reason: string, value?: number): SnapshotError {
    const steps: string[] = [];
    const add = (node: number, index: number): void => {
      const object = this.nodes[node];
      if (object !== undefined) steps.unshift(stepOf(object, index, this.classes));
    };
    if (value !== undefined) add(this.current, value);
    for (let node = this.current; node > 0; node = this.foundIn[node] ?? 0)
      add(this.foundIn[node] ?? 0, this.foundAt[node] ?? 0);
    return new SnapshotError(steps.join('').replace(/^\./, ''), reason);
  }
}

/** The step of a path that leads to the n-th value of an object. */
function stepOf(object: object, index: number, { byPrototype }: RestorableClasses): string {
  if (recipeOf(object) !== undefined) return `(${index})`;
  if (Array.isArray(object)) return `[${index}]`;
  if (object instanceof Map) return index % 2 === 0 ? `{key ${index / 2}}` : `{${(index - 1) / 2}}`;
  if (object instanceof Set) return `{${index}}`;
  const { fresh = {} } = byPrototype.get(Object.getPrototypeOf(object) as object) ?? {};
  const field = Object.keys(object).filter((each) => !(each in fresh))[index];
  return `.${field ?? index}`;
}

/**
 * @param given the objects that were left out, by name
 * @throws TypeError if a name is unknown: of a class, of a recipe, or of a given object
 */
export function restoreGraph(
  graph: Graph,
  classes: RestorableClasses,
  given: Readonly<Record<string, object>>,
): unknown {
  let plan = plans.get(graph);
  if (plan === undefined) plans.set(graph, (plan = planFor(graph, classes)));
  return new Restorer(plan, given).restore();
}

/** A shape with everything that is needed to create one of its nodes. */
interface Maker {
  readonly kind: Kind;
  readonly name: string;
  readonly fields: readonly string[];
  readonly prototype: object | null;
  readonly fresh: readonly (readonly [string, () => unknown])[];
}

/** The preparation for restoring a graph, which is done once, because a graph may be restored many times. */
interface Plan {
  readonly graph: Graph;
  /** The maker of each node. */
  readonly makers: readonly Maker[];
  /** The index of the first value of each node, and the total number of values at the end. */
  readonly starts: readonly number[];
  /** The nodes that recipes create. */
  readonly made: readonly number[];
}

const plans = new WeakMap<Graph, Plan>();

function planFor(graph: Graph, classes: RestorableClasses): Plan {
  const ofShapes = graph.shapes.map(({ kind, name, fields }): Maker => {
    const registered = kind === 'class' ? classes.byName.get(name) : undefined;
    if (kind === 'class' && registered === undefined)
      throw new TypeError(
        `FakeKernel.restore: snapshot: it has objects of a class '${name}', which is not known`,
      );
    return {
      kind,
      name,
      fields,
      prototype: registered?.prototype ?? null,
      fresh: Object.entries(registered?.fresh ?? {}),
    };
  });
  const makers: Maker[] = [];
  const starts = [0];
  const made: number[] = [];
  for (const [node, shape] of graph.shapeOf.entries()) {
    const maker = ofShapes[shape];
    if (maker === undefined) throw new TypeError(`FakeKernel.restore: snapshot: node ${node} has no shape`);
    makers.push(maker);
    if (maker.kind === 'made') made.push(node);
    starts.push((starts[node] ?? 0) + (graph.counts[node] ?? 0));
  }
  return { graph, makers, starts, made };
}

class Restorer {
  /** The objects, by node number. */
  private readonly objects: (object | undefined)[];
  /** 1 for each node that has its values. */
  private readonly filled: Uint8Array;
  private readonly values: readonly unknown[];
  private readonly references: Uint8Array;

  constructor(
    private readonly plan: Plan,
    private readonly given: Readonly<Record<string, object>>,
  ) {
    const { makers, graph } = plan;
    this.objects = makers.map(() => undefined);
    this.filled = new Uint8Array(makers.length);
    this.values = graph.values;
    this.references = graph.references;
  }

  restore(): unknown {
    const { makers, made } = this.plan;
    for (let node = 0; node < makers.length; node++) if (this.makerOf(node).kind !== 'made') this.shell(node);
    for (const node of made) this.make(node);
    for (let node = 0; node < makers.length; node++) if (this.filled[node] === 0) this.fill(node);
    return this.objects[0];
  }

  private makerOf(node: number): Maker {
    const maker = this.plan.makers[node];
    if (maker === undefined) throw new TypeError(`FakeKernel.restore: snapshot: there is no node ${node}`);
    return maker;
  }

  private startOf(node: number): number {
    return this.plan.starts[node] ?? 0;
  }

  /** Creates a node without its values. Buffers and views are complete. */
  private shell(node: number): object {
    return (this.objects[node] ??= this.newShell(node));
  }

  private newShell(node: number): object {
    const { kind, name, prototype } = this.makerOf(node);
    const { values } = this;
    const at = this.startOf(node);
    switch (kind) {
      case 'class':
        return Object.create(prototype) as object;
      case 'object':
        return {};
      case 'array':
        return [];
      case 'map':
        return new Map();
      case 'set':
        return new Set();
      case 'buffer':
        return bufferOf(name, values, at, this.startOf(node + 1));
      case 'view':
        return viewOf(name, this.shell(Number(values[at])), Number(values[at + 1]), Number(values[at + 2]));
      case 'given':
        return this.givenBy(name);
      case 'made':
        return this.make(node);
    }
  }

  private givenBy(name: string): object {
    const found = this.given[name];
    if (found === undefined) throw new TypeError(`FakeKernel.restore: given: the snapshot needs '${name}'`);
    return found;
  }

  /** Creates a node with its recipe. Plain data among the recipe's arguments is complete then. */
  private make(node: number): object {
    const known = this.objects[node];
    if (known !== undefined) return known;
    const { name } = this.makerOf(node);
    const captured: unknown[] = [];
    const end = this.startOf(node + 1);
    for (let at = this.startOf(node); at < end; at++) {
      if (this.references[at] === 1) this.complete(Number(this.values[at]));
      captured.push(this.valueAt(at));
    }
    // An argument may refer to this node, which has been created then.
    const meanwhile = this.objects[node];
    if (meanwhile !== undefined) return meanwhile;
    const made = makeAgain({ name, captured });
    if (made === undefined)
      throw new TypeError(
        `FakeKernel.restore: snapshot: '${name}' is not known: load the module that calls restorable() with it`,
      );
    this.filled[node] = 1;
    return (this.objects[node] = made);
  }

  /** Completes a node of plain data, and all plain data in it. */
  private complete(node: number): void {
    const { kind } = this.makerOf(node);
    if (kind === 'made') {
      this.make(node);
      return;
    }
    if (kind === 'class' || this.filled[node] === 1) return;
    // Marked before its values are completed, because they may refer back to it.
    this.filled[node] = 1;
    const end = this.startOf(node + 1);
    for (let at = this.startOf(node); at < end; at++)
      if (this.references[at] === 1) this.complete(Number(this.values[at]));
    this.fill(node);
  }

  private valueAt(at: number): unknown {
    const value = this.values[at];
    if (this.references[at] === 0) return value;
    const node = Number(value);
    return this.objects[node] ?? this.shell(node);
  }

  private fill(node: number): void {
    const { kind, fields, fresh } = this.makerOf(node);
    const target = this.shell(node);
    let at = this.startOf(node);
    const end = this.startOf(node + 1);
    switch (kind) {
      case 'class':
      case 'object': {
        const object = target as Record<string, unknown>;
        for (let i = 0; i < fields.length; i++) object[fields[i] ?? ''] = this.valueAt(at++);
        for (const [field, make] of fresh) object[field] = make();
        break;
      }
      case 'array':
        for (; at < end; at++) (target as unknown[]).push(this.valueAt(at));
        break;
      case 'map':
        for (; at < end; at += 2)
          (target as Map<unknown, unknown>).set(this.valueAt(at), this.valueAt(at + 1));
        break;
      case 'set':
        for (; at < end; at++) (target as Set<unknown>).add(this.valueAt(at));
        break;
      default:
    }
  }
}

function viewOf(name: string, buffer: object, offset: number, length: number): object {
  const bytes = buffer as ArrayBuffer;
  switch (name) {
    case 'Uint8Array':
      return new Uint8Array(bytes, offset, length);
    case 'Uint32Array':
      return new Uint32Array(bytes, offset, length / 4);
    case 'Float64Array':
      return new Float64Array(bytes, offset, length / 8);
    case 'DataView':
      return new DataView(bytes, offset, length);
    default:
      throw new TypeError(`FakeKernel.restore: snapshot: a view of a kind '${name}'`);
  }
}

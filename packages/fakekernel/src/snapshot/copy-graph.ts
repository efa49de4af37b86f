/**
 * Copies an object graph: {@link copyGraph}. Objects of registered classes, plain objects, arrays, maps, sets and bytes are copied
 * with everything that they refer to. Shared objects stay shared, and cycles stay cycles. Functions, and objects that only a function
 * can create, are copied as their names (`lib/restorable.ts`).
 */
import { recipeOf, type RestorableClass, type RestorableClasses } from '../lib/restorable.js';
import { type BufferKind, bytesOf, isBuffer, viewNames } from './bytes.js';
import { type Graph, type Kind, type Shape, SnapshotError } from './graph.js';

/**
 * Copies an object, and all objects that it refers to.
 * @param given objects and functions that are left out, with their names
 * @throws SnapshotError with the path of an object that cannot be copied
 */
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

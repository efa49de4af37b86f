/**
 * Creates the objects of a copied graph: {@link restoreGraph}. All objects exist before one gets its values, because they may refer to
 * each other. Functions are created by the recipes of their names, which need plain data that is complete.
 */
import { makeAgain, type RestorableClasses } from '../lib/restorable.js';
import { bufferOf } from './bytes.js';
import type { Graph, Kind } from './graph.js';

/**
 * Creates the objects. A graph may be restored many times.
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

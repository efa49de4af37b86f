/**
 * The form of a copied object graph, which can be stored, sent and restored: `copy-graph.ts` creates it, `restore-graph.ts` creates the
 * objects from it. It is flat: plain arrays of values, which `structuredClone()` accepts.
 */

/** The kind of a node. */
export type Kind = 'class' | 'object' | 'array' | 'map' | 'set' | 'buffer' | 'view' | 'made' | 'given';

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
    /** The path to it from the kernel: `kernel.devices.functions{0}.pdev`. */
    readonly path: string,
    /** The reason why it cannot be copied. */
    readonly reason: string,
  ) {
    super(`FakeKernel.snapshot: ${path}: ${reason}`);
  }
}

/** The objects of a context as a graph, laid out from top to bottom: an object is above the objects that it uses. */
import { graphlib, layout } from '@dagrejs/dagre';
import { iommu_hw_queue_type, iommu_veventq_type, iommu_viommu_type } from '@iommufd/uapi';
import { namesOf } from '@iommufd/uapi/struct';
import {
  type AreaEntity,
  type Entity,
  keyOf,
  type ObjectEntity,
  objectKey,
  type TombstoneEntity,
} from './history.js';
import { hex } from './hex.js';

/** An object, and its position in the drawing. */
export interface GraphNode {
  readonly key: string;
  readonly id: number;
  readonly kind: string;
  readonly title: string;
  /** Its description, line by line. */
  readonly lines: readonly string[];
  readonly users: number;
  readonly isTombstone: boolean;
  /** True if the selected call has created or changed it. */
  readonly isChanged: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An edge, from an object to one that it uses. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly as: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: { readonly x: number; readonly y: number };
}

/** A drawing. */
export interface Graph {
  readonly context: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly width: number;
  readonly height: number;
  /** Number of objects that are not drawn, because there are too many. */
  readonly more: number;
}

/** Maximum number of objects in a drawing. */
const MOST_NODES = 150;

const WIDTH = 172;
const LINE = 16;
const HEAD = 44;

const NAMES: Readonly<Record<string, string>> = {
  device: 'device',
  ioas: 'IOAS',
  hwpt: 'HWPT',
  viommu: 'vIOMMU',
  vdevice: 'vDEVICE',
  veventq: 'vEVENTQ',
  fault: 'fault queue',
  hw_queue: 'hardware queue',
  access: 'access',
  selftest: 'mock device',
};

/** The name of a kind, as the kernel's documentation writes it. */
export const nameOfKind = (kind: string): string => NAMES[kind] ?? kind;

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function typeName(of: Parameters<typeof namesOf>[0], value: number, prefix: RegExp): string {
  const [name = String(value)] = namesOf(of, value);
  return name.replace(prefix, '').toLowerCase().replaceAll('_', '-');
}

/** A description of an object in a few lines. */
export function linesOf(object: ObjectEntity, areas: readonly AreaEntity[]): string[] {
  switch (object.kind) {
    case 'device':
      return [
        object.node?.replace('/dev/vfio/devices/', '') ?? 'of the selftest',
        ...(object.pasids > 0 ? [plural(object.pasids, 'PASID')] : []),
      ];
    case 'ioas': {
      const pins = areas.reduce((sum, { accesses }) => sum + accesses, 0);
      return [plural(areas.length, 'area'), ...(pins > 0 ? [plural(pins, 'pin')] : [])];
    }
    case 'hwpt': {
      const dirty = object.dirty === undefined ? [] : [`${plural(object.dirty.length, 'dirty range')}`];
      return [object.type, ...dirty];
    }
    case 'viommu':
      return [typeName({ kind: 'enum', of: iommu_viommu_type }, object.type, /^IOMMU_VIOMMU_TYPE_/)];
    case 'vdevice':
      return [`virtual id ${hex(object.virtualId)}`];
    case 'veventq': {
      const of = typeName({ kind: 'enum', of: iommu_veventq_type }, object.type, /^IOMMU_VEVENTQ_TYPE_/);
      return [of, `${object.count} of ${object.depth} wait${object.hasMark ? ', then a mark' : ''}`];
    }
    case 'fault': {
      const waiting = object.groups.filter(({ cookie }) => cookie === undefined).length;
      return [`${waiting} wait, ${object.groups.length - waiting} open`];
    }
    case 'hw_queue':
      return [
        typeName({ kind: 'enum', of: iommu_hw_queue_type }, object.type, /^IOMMU_HW_QUEUE_TYPE_/),
        `${hex(object.base)} +${hex(object.length)}`,
      ];
    default:
      return [];
  }
}

/** The contexts that have entities. */
export const contextsOf = (entities: readonly Entity[]): number[] =>
  [...new Set(entities.map(({ context }) => context))].sort((a, b) => a - b);

/** Lays out the objects of a context. @param changed keys of the entities that the call has changed */
export function graphOf(entities: readonly Entity[], context: number, changed: ReadonlySet<string>): Graph {
  const here = entities.filter((entity) => entity.context === context);
  const areas = here.filter((entity): entity is AreaEntity => entity.entity === 'area');
  const all = here.filter((entity): entity is ObjectEntity | TombstoneEntity => entity.entity !== 'area');
  const shown = all.slice(0, MOST_NODES);
  const drawing = new graphlib.Graph({ multigraph: true })
    .setGraph({ rankdir: 'TB', nodesep: 22, ranksep: 28, marginx: 12, marginy: 12 })
    .setDefaultEdgeLabel(() => ({}));
  const nodes = shown.map((entity) => {
    const key = keyOf(entity);
    const own = areas.filter(({ ioas }) => ioas === entity.id);
    const lines = entity.entity === 'tombstone' ? ['id never reused'] : linesOf(entity, own);
    const kind = entity.entity === 'tombstone' ? 'tombstone' : entity.kind;
    const height = HEAD + lines.length * LINE;
    drawing.setNode(key, { width: WIDTH, height });
    const touched =
      changed.has(key) ||
      (entity.entity === 'object' && entity.kind === 'ioas' && own.some((area) => changed.has(keyOf(area))));
    return {
      key,
      id: entity.id,
      kind,
      title: entity.entity === 'tombstone' ? `id ${entity.id}` : `${nameOfKind(kind)} ${entity.id}`,
      lines,
      users: entity.entity === 'tombstone' ? 0 : entity.users,
      isTombstone: entity.entity === 'tombstone',
      isChanged: touched,
      width: WIDTH,
      height,
    };
  });
  const keys = new Set(nodes.map(({ key }) => key));
  const uses = shown.flatMap((entity) =>
    entity.entity === 'tombstone'
      ? []
      : entity.uses.map(({ id, as }) => ({ from: keyOf(entity), to: objectKey(context, id), as })),
  );
  const edges = uses.filter(({ to }) => keys.has(to));
  for (const { from, to, as } of edges)
    drawing.setEdge(from, to, { width: as.length * 6 + 4, height: 14, labelpos: 'c' }, as);
  layout(drawing);
  const { width = 0, height = 0 } = drawing.graph();
  return {
    context,
    nodes: nodes.map((node) => {
      const { x, y } = drawing.node(node.key);
      return { ...node, x: x - node.width / 2, y: y - node.height / 2 };
    }),
    edges: edges.map((edge) => {
      const { points, x = 0, y = 0 } = drawing.edge(edge.from, edge.to, edge.as);
      return {
        ...edge,
        points: points.map((point: { x: number; y: number }) => ({ x: point.x, y: point.y })),
        label: { x, y },
      };
    }),
    width,
    height,
    more: all.length - shown.length,
  };
}

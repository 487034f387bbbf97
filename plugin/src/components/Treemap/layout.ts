import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from 'd3-hierarchy';

/** What is shown: a leaf has a value, a group has children. */
export interface TreemapNode {
  readonly name: string;
  /** Of a leaf; that of a group is the sum. */
  readonly value?: number;
  readonly children?: readonly TreemapNode[];
  /** Where a click on it leads. A group without one is opened by a click. */
  readonly href?: string;
  /** CSS; from the palette, by the group at the top, unless said. */
  readonly color?: string;
  /** A second line in the tooltip and for those who do not see the colour. */
  readonly note?: string;
}

/** A rectangle of the picture. */
export interface Tile {
  readonly node: TreemapNode;
  /** Names from the top to it. */
  readonly path: readonly string[];
  readonly value: number;
  /** Of all that is shown, 0 to 1. */
  readonly share: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly isGroup: boolean;
  /** Which child of the root it belongs to. */
  readonly branch: number;
}

/** The coloured edge at the top of a group. */
export const groupEdgeHeight = 3;

/** Room for the edge, and for a line of small print from its ascenders to its descenders. */
export const groupHeaderHeight = groupEdgeHeight + 22;

/**
 * Lays out a tree so that the area of each leaf is its value. Leaves of no size are left out.
 * @param width in pixels
 * @param height in pixels
 * @returns groups before what is in them
 */
export function layoutTreemap(root: TreemapNode, width: number, height: number): Tile[] {
  if (width <= 0 || height <= 0) return [];
  const sized = hierarchy<TreemapNode>(root, (node) => (node.children === undefined ? undefined : [...node.children]))
    .sum((node) => (node.children === undefined ? Math.max(0, node.value ?? 0) : 0))
    .sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
  const total = sized.value ?? 0;
  if (total === 0) return [];

  const placed = treemap<TreemapNode>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingInner(2)
    .paddingTop((node) => (node.depth > 0 ? groupHeaderHeight : 0))
    .round(true)(sized);
  const branches = new Map((placed.children ?? []).map((child, index) => [child, index]));

  return placed
    .descendants()
    .filter((node) => node.depth > 0 && (node.value ?? 0) > 0)
    .map((node) => ({
      node: node.data,
      path: pathOf(node),
      value: node.value ?? 0,
      share: (node.value ?? 0) / total,
      x: node.x0,
      y: node.y0,
      width: node.x1 - node.x0,
      height: node.y1 - node.y0,
      isGroup: node.children !== undefined,
      branch: branches.get(branchOf(node)) ?? 0,
    }));
}

const pathOf = (node: HierarchyRectangularNode<TreemapNode>) =>
  node
    .ancestors()
    .reverse()
    .slice(1)
    .map(({ data }) => data.name);

function branchOf(node: HierarchyRectangularNode<TreemapNode>): HierarchyRectangularNode<TreemapNode> {
  return node.depth <= 1 || node.parent === null ? node : branchOf(node.parent);
}

/** The part of a tree below a path of names; the tree itself where there is no such part. */
export function subtree(root: TreemapNode, path: readonly string[]): TreemapNode {
  let node = root;
  for (const name of path) {
    const child = node.children?.find((one) => one.name === name && one.children !== undefined);
    if (child === undefined) return root;
    node = child;
  }
  return node;
}

/**
 * Adds up the smallest leaves of each group, so that a picture has no more tiles than can be seen.
 * @param most how many leaves the whole picture may have
 * @param nameOther what the rest of a group is called, by how many it holds
 */
export function foldSmall(root: TreemapNode, most: number, nameOther: (count: number) => string): TreemapNode {
  const values = leavesOf(root).sort((one, other) => other - one);
  const least = values[most - 1];
  if (values.length <= most || least === undefined) return root;
  return fold(root, least, nameOther);
}

const leavesOf = (node: TreemapNode): number[] => node.children?.flatMap(leavesOf) ?? [node.value ?? 0];

function fold(node: TreemapNode, least: number, nameOther: (count: number) => string): TreemapNode {
  if (node.children === undefined) return node;
  const isSmall = (child: TreemapNode) => child.children === undefined && (child.value ?? 0) < least;
  const small = node.children.filter(isSmall);
  const kept = node.children.filter((child) => !isSmall(child)).map((child) => fold(child, least, nameOther));
  if (small.length === 0) return { ...node, children: kept };
  const rest = small.reduce((sum, { value }) => sum + (value ?? 0), 0);
  return { ...node, children: [...kept, { name: nameOther(small.length), value: rest }] };
}

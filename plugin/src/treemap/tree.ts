import { FieldType, formattedValueToString, getFieldDisplayName, type DataFrame, type Field } from '@grafana/data';

import type { TreemapNode } from '../components/Treemap';
import type { TreemapOptions } from './types';

/** What the panel draws, or why it cannot. */
export interface PanelTree {
  readonly root: TreemapNode;
  readonly formatValue: (value: number) => string;
}

/**
 * Makes a tree of a table: a row is a leaf, columns of text are its groups. Lines over time are reduced to their last
 * value, so that a panel can be switched from a chart to a treemap.
 * @returns null where the frames have no numbers
 */
export function treeOf(frames: readonly DataFrame[], options: TreemapOptions): PanelTree | null {
  const table = frames.find(({ fields }) => fields.some(isText) && fields.some(isShownNumber));
  return table === undefined ? treeOfLines(frames) : treeOfTable(table, options);
}

function treeOfTable(frame: DataFrame, options: TreemapOptions): PanelTree | null {
  const byName = (name: string) =>
    frame.fields.find((field) => field.name === name || getFieldDisplayName(field, frame) === name);
  const texts = frame.fields.filter(isText);
  const numbers = frame.fields.filter(isShownNumber);
  const value = byName(options.valueField) ?? numbers.find(isBytes) ?? numbers[0];
  const label = byName(options.labelField) ?? texts.find(({ name }) => name === 'database_name') ?? texts[0];
  if (value === undefined || label === undefined) return null;
  const groups =
    options.groupFields.length > 0
      ? options.groupFields.flatMap((name) => byName(name) ?? [])
      : texts.filter((field) => field !== label && field.name === 'instance_name');

  const root: Branch = { name: '', children: new Map(), leaves: [] };
  for (let row = 0; row < frame.length; row += 1) {
    const size: unknown = value.values[row];
    if (typeof size !== 'number' || size <= 0) continue;
    let branch = root;
    for (const group of groups) branch = childOf(branch, textAt(group, row));
    branch.leaves.push({ name: textAt(label, row), value: size, href: linkAt(label, row) });
  }
  return { root: nodeOf(root), formatValue: formatterOf(value) };
}

function treeOfLines(frames: readonly DataFrame[]): PanelTree | null {
  const all = [...frames];
  const lines = frames.flatMap((frame) => frame.fields.filter(isShownNumber).map((field) => ({ frame, field })));
  const [first] = lines;
  if (first === undefined) return null;
  const children = lines.map(({ frame, field }) => ({
    name: getFieldDisplayName(field, frame, all),
    value: lastKnown(field.values),
    href: linkAt(field, field.values.length - 1),
  }));
  return { root: { name: '', children }, formatValue: formatterOf(first.field) };
}

interface Branch {
  readonly name: string;
  readonly children: Map<string, Branch>;
  readonly leaves: TreemapNode[];
}

function childOf(parent: Branch, name: string): Branch {
  const child = parent.children.get(name) ?? { name, children: new Map<string, Branch>(), leaves: [] };
  parent.children.set(name, child);
  return child;
}

function nodeOf({ name, children, leaves }: Branch): TreemapNode {
  return { name, children: [...[...children.values()].map(nodeOf), ...leaves] };
}

const isShown = ({ config }: Field) => config.custom?.hidden !== true;
const isText = (field: Field) => field.type === FieldType.string && isShown(field);
const isShownNumber = (field: Field) => field.type === FieldType.number && isShown(field);
const isBytes = ({ config }: Field) => config.unit === 'bytes' || config.unit === 'decbytes';

function textAt(field: Field, row: number): string {
  const value: unknown = field.values[row];
  return value === null || value === undefined || value === '' ? '–' : String(value);
}

const linkAt = (field: Field, row: number): string | undefined => field.getLinks?.({ valueRowIndex: row })[0]?.href;

function lastKnown(values: readonly unknown[]): number {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const value = values[index];
    if (typeof value === 'number') return value;
  }
  return 0;
}

const formatterOf = (field: Field) => (value: number) =>
  field.display === undefined ? String(value) : formattedValueToString(field.display(value));

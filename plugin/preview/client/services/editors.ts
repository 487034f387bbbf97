import { standardEditorsRegistry, standardFieldConfigEditorRegistry } from '@grafana/data';

/** Editors of panel options that plugins name. The preview shows panels and not their options, so names are enough. */
const names = [
  'boolean',
  'color',
  'field-color',
  'field-name',
  'links',
  'mappings',
  'multi-select',
  'number',
  'radio',
  'select',
  'slider',
  'stats-picker',
  'strings',
  'text',
  'thresholds',
  'timezone',
  'unit',
];

export function registerEditors(): void {
  standardEditorsRegistry.setInit(() => names.map((id) => ({ id, name: id, editor: () => null })) as never);
  standardFieldConfigEditorRegistry.setInit(() => []);
}

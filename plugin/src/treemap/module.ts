import {
  FieldConfigProperty,
  FieldType,
  getFieldDisplayName,
  PanelPlugin,
  type FieldOverrideContext,
  type SelectableValue,
} from '@grafana/data';

import { TreemapPanel } from './TreemapPanel';
import { defaultOptions, type TreemapOptions } from './types';

// Grafana reads the texts of options before a panel can load its translations, so these are English.
export const plugin = new PanelPlugin<TreemapOptions>(TreemapPanel)
  .useFieldConfig({ disableStandardOptions: [FieldConfigProperty.Thresholds, FieldConfigProperty.Mappings] })
  .setPanelOptions((builder) =>
    builder
      .addFieldNamePicker({
        path: 'valueField',
        name: 'Size of a tile',
        description: 'A column of numbers. The first of bytes unless said.',
        defaultValue: defaultOptions.valueField,
        settings: { filter: ({ type }) => type === FieldType.number, placeholderText: 'First of bytes' },
      })
      .addFieldNamePicker({
        path: 'labelField',
        name: 'Name of a tile',
        description: 'A column of text. The database unless said. Its data links are where a click leads.',
        defaultValue: defaultOptions.labelField,
        settings: { filter: ({ type }) => type === FieldType.string, placeholderText: 'Database' },
      })
      .addMultiSelect({
        path: 'groupFields',
        name: 'Group by',
        description: 'Columns of text, from the outside in. The instance unless said.',
        defaultValue: [...defaultOptions.groupFields],
        settings: {
          options: [],
          // Grafana's type takes what is chosen for what there is to choose from.
          getOptions: textFields as never,
        },
      })
      .addNumberInput({
        path: 'maximumTiles',
        name: 'Tiles',
        description: 'More than this are added up within their group.',
        defaultValue: defaultOptions.maximumTiles,
        settings: { min: 1, max: 2000, integer: true },
      }),
  );

async function textFields({ data }: FieldOverrideContext): Promise<SelectableValue<string>[]> {
  return data.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === FieldType.string)
      .map((field) => ({ value: field.name, label: getFieldDisplayName(field, frame, data) })),
  );
}

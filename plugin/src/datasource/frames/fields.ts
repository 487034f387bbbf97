import { FieldType, type DataFrame, type Field, type FieldConfig } from '@grafana/data';

import { appPath } from '../../constants';

type Values = readonly unknown[];

const field = (name: string, type: FieldType, values: Values, config: FieldConfig): Field => ({
  name,
  type,
  config,
  values: [...values],
});

export const textField = (name: string, displayName: string, values: Values, config: FieldConfig = {}) =>
  field(name, FieldType.string, values, { displayNameFromDS: displayName, ...config });

export const numberField = (name: string, displayName: string, values: Values, config: FieldConfig = {}) =>
  field(name, FieldType.number, values, { displayNameFromDS: displayName, ...config });

export const bytesField = (name: string, displayName: string, values: Values, config: FieldConfig = {}) =>
  numberField(name, displayName, values, { unit: 'bytes', ...config });

export const percentField = (name: string, displayName: string, values: Values) =>
  numberField(name, displayName, values, { unit: 'percent', decimals: 1 });

/** Moments of the API, ISO 8601. */
export const timeField = (name: string, displayName: string, moments: readonly (string | null)[]) =>
  field(
    name,
    FieldType.time,
    moments.map((moment) => (moment === null ? null : Date.parse(moment))),
    { displayNameFromDS: displayName },
  );

export const dayField = (name: string, displayName: string, days: readonly (string | null)[]) =>
  textField(name, displayName, days);

/** Kept for links, not for reading; a text, because links would put in a number as it is formatted. */
export const hiddenField = (name: string, values: Values) =>
  textField(name, name, values.map(String), {
    custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } },
  });

/** Leads from a row to the app's page; the frame must have the fields that the address names. */
export const instanceLinks = (title: string): FieldConfig => ({
  links: [{ title, url: `${appPath}/instances/\${__data.fields.instance_id}/storage` }],
});

export const databaseLinks = (title: string): FieldConfig => ({
  links: [
    {
      title,
      url: `${appPath}/instances/\${__data.fields.instance_id}/databases/\${__data.fields.database_name:percentencode}`,
    },
  ],
});

/** A frame that reads as a table. `total` is how many rows there are in all. */
export function tableFrame(refId: string, name: string, fields: Field[], total?: number): DataFrame {
  const length = fields[0]?.values.length ?? 0;
  const isCut = total !== undefined && total > length;
  return {
    refId,
    name,
    length,
    fields,
    meta: {
      preferredVisualisationType: 'table',
      ...(isCut
        ? {
            notices: [
              { severity: 'info' as const, text: `The first ${length} of ${total} rows. Raise the limit, or filter.` },
            ],
          }
        : {}),
    },
  };
}

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

/** The keys of a row under which there is such a value. */
type KeyOf<Row, Value> = { [Key in keyof Row & string]: Row[Key] extends Value ? Key : never }[keyof Row & string];

/** The columns of a table: each is named by the key of the value that it shows of a row. */
export function columnsOf<Row>(rows: readonly Row[]) {
  type Text = KeyOf<Row, string | null>;
  type Amount = KeyOf<Row, number | null>;
  const of = <Key extends keyof Row>(key: Key) => rows.map((row) => row[key]);
  return {
    text: (key: Text, displayName: string, config?: FieldConfig) => textField(key, displayName, of(key), config),
    number: (key: Amount, displayName: string, config?: FieldConfig) => numberField(key, displayName, of(key), config),
    bytes: (key: Amount, displayName: string) => bytesField(key, displayName, of(key)),
    percent: (key: Amount, displayName: string) =>
      numberField(key, displayName, of(key), { unit: 'percent', decimals: 1 }),
    /** Moments of the API, ISO 8601. */
    time: (key: Text, displayName: string) =>
      field(
        key,
        FieldType.time,
        of(key).map((moment) => (moment === null ? null : Date.parse(String(moment)))),
        { displayNameFromDS: displayName },
      ),
    day: (key: Text, displayName: string) => textField(key, displayName, of(key)),
    /** Kept for links, not for reading; a text, because links would put in a number as it is formatted. */
    hidden: (key: keyof Row & string) =>
      textField(key, key, of(key).map(String), {
        custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } },
      }),
  };
}

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

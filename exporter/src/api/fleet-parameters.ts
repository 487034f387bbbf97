import { z } from 'zod';
import { filled } from '../config/text.ts';
import { engineNames } from '../engines/registry.ts';
import type { FleetFilter } from '../store/fleet-filter.ts';
import { id, labelKey, repeatable } from './parameters.ts';

const withoutNul = (value: string): boolean => !value.includes('\0') && !/\p{Surrogate}/u.test(value);

/** Which instances a question is about: each of these may be repeated. */
export const fleetParameters = {
  engine: repeatable(z.enum(engineNames, `expected one of ${engineNames.join(', ')}`)).meta({
    description: 'Instances of these engines.',
    example: ['postgresql'],
  }),
  owner: repeatable(
    z
      .string('expected an owner')
      .max(255, 'expected at most 255 characters')
      .refine(withoutNul, 'expected a text without the character 0'),
  ).meta({ description: 'Instances of these owners; an empty one stands for those without an owner.' }),
  label: repeatable(filled(511, 'expected key=value').regex(/^[^=]+=/, 'expected key=value')).meta({
    description: 'Instances with these labels, key=value: any of the values of a key, and every key.',
    example: ['environment=production'],
  }),
  instance_id: repeatable(id).meta({ description: 'Only these instances.' }),
};

type FleetParameters = { readonly [Name in keyof typeof fleetParameters]?: z.output<(typeof fleetParameters)[Name]> };

/** @param visibleTo the owner whose instances there are; null for all */
export function fleetOf(query: FleetParameters, visibleTo: string | null): FleetFilter {
  return {
    visibleTo,
    engines: query.engine,
    owners: query.owner?.map((owner) => (owner === '' ? null : owner)),
    labels: query.label?.map((label) => {
      const [key = '', ...value] = label.split('=');
      return { key, value: value.join('=') };
    }),
    instanceIds: query.instance_id,
  };
}

/** Part of a name, in upper or lower case. */
export const search = filled(255, 'expected a part of a name')
  .optional()
  .meta({ description: 'Only names that hold this, in upper or lower case.' });

/** The parameter that names the label of `group_by=label`. */
export const groupLabel = labelKey.optional().meta({ description: 'The key of the label, with group_by=label.' });

export function needsLabel(query: { group_by: string; group_label?: string | undefined }): boolean {
  return (query.group_by === 'label') === (query.group_label !== undefined);
}

export const labelMissing = {
  path: ['group_label'],
  message: 'expected the key of a label together with group_by=label',
};

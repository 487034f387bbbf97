import { z } from 'zod';
import { engineNames } from '../engines/registry.ts';
import { host } from './host.ts';
import { filled, storable } from './text.ts';

const timesOfDay = z
  .string('expected times of day such as "08:00-18:00"')
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'expected times of day such as "08:00-18:00"');

const patterns = z
  .array(filled(255), 'expected a list of patterns such as ["app_*"]')
  .max(1000, 'expected at most 1000 patterns');

const truth = z.boolean('expected true or false');

/** What an instance is made of, wherever it is described: in `tidemark.yaml`, on the command line, over the API. */
export const instanceFields = {
  name: filled(100),
  engine: z.enum(engineNames, `expected one of ${engineNames.join(', ')}`),
  host,
  port: z.int('expected a port number').min(1, 'expected 1 to 65535').max(65_535, 'expected 1 to 65535'),
  database: filled(255),
  username: filled(255),
  owner: filled(255),
  labels: z.record(
    filled(255),
    storable(z.string('expected a text: quote it').max(255, 'expected at most 255 characters')),
    'expected key: value pairs',
  ),
  include: patterns,
  exclude: patterns,
  estimate_on_timeout: truth,
  quiet_hours: z.array(timesOfDay, 'expected a list such as ["08:00-18:00"]'),
  active: truth,
};

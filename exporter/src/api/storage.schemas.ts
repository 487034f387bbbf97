import { z } from 'zod';
import { bytes, calendarDay, moment } from './schemas.ts';

export const storageScope = z
  .enum(['log', 'tablespace', 'volume'], 'expected log, tablespace or volume')
  .meta({ description: 'Logs of the server, tablespaces, or the volumes that its files are on.', example: 'volume' });

const name = z.string().meta({ example: '/var/lib/postgresql' });
const allocated = 'bytes that it takes';
const used = 'bytes of it that are in use';
const limit = 'bytes that it can grow to';
const free = 'bytes that are left where it is';

/** What an instance keeps besides its databases, as it was last measured. */
export const storage = z
  .object({
    scope: storageScope,
    name,
    collected_at: moment,
    allocated_bytes: bytes.nullable().meta({ description: allocated }),
    used_bytes: bytes.nullable().meta({ description: used }),
    limit_bytes: bytes.nullable().meta({ description: limit }),
    free_bytes: bytes.nullable().meta({ description: free }),
  })
  .meta({ id: 'Storage' });

const column = z.array(bytes.nullable());

/** The same day by day, one array a column. */
export const storageHistory = z
  .object({
    scope: storageScope,
    name,
    t: z.array(calendarDay).meta({ description: 'The days that were measured, oldest first.' }),
    allocated_bytes: column.meta({ description: allocated }),
    used_bytes: column.meta({ description: used }),
    limit_bytes: column.meta({ description: limit }),
    free_bytes: column.meta({ description: free }),
  })
  .meta({ id: 'StorageHistory' });

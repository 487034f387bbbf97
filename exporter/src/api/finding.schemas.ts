import { z } from 'zod';

/** Something that was found while measuring. */
export const finding = z
  .object({
    database: z.string().nullable().meta({ description: 'Null: it is about the whole instance.' }),
    code: z.string().meta({ example: 'permission_denied' }),
    message: z.string().meta({ description: 'What is the matter and what helps.' }),
  })
  .meta({ id: 'Finding' });

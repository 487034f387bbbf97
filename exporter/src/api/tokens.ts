import { z } from 'zod';
import { filled } from '../config/text.ts';
import { TidemarkError } from '../errors.ts';
import { issueToken, listTokens, revokeToken, type Token } from '../store/tokens.ts';
import { idParameter } from './parameters.ts';
import { defineRoute, type Route } from './route.ts';
import { data, empty, page, type AnswerOf } from './routing/response.ts';
import { issuedToken, token } from './tokens.schemas.ts';

const tokenBody = z
  .strictObject({
    name: filled(100).meta({ description: 'What it is for.', example: 'grafana' }),
    role: z.enum(['admin', 'viewer', 'owner'], 'expected admin, viewer or owner'),
    owner: filled(255)
      .nullable()
      .default(null)
      .meta({ description: 'Whose instances it may see, with the role owner.' }),
    expires_at: z.iso
      .datetime({ offset: true, error: 'expected a moment such as 2027-01-01T00:00:00Z' })
      .transform((moment) => new Date(moment))
      .refine((moment) => moment.getTime() > Date.now(), 'expected a moment in the future')
      .nullable()
      .default(null)
      .meta({ description: 'Until when it may be used; null: for good.', example: '2027-01-01T00:00:00Z' }),
  })
  .refine((body) => (body.role === 'owner') === (body.owner !== null), {
    path: ['owner'],
    message: 'expected together with the role owner, and only with it',
  });

/** Who may use the API: `/tokens` */
export const tokensRoutes: readonly Route[] = [
  defineRoute('GET /tokens', {
    tag: 'Tokens',
    summary: 'All tokens, newest first; none of them is shown',
    response: page(token),
    example: {},
    handler: async ({ page: pageOf, context: { pool } }) => {
      const { tokens, total } = await listTokens(pool, pageOf);
      return { rows: tokens.map(describeToken), total };
    },
  }),

  defineRoute('POST /tokens', {
    tag: 'Tokens',
    summary: 'Make a token',
    description: 'The answer is the only one that ever shows it.',
    body: tokenBody,
    response: data(issuedToken, { status: 201 }),
    errors: ['name_taken'],
    example: { body: { name: 'grafana', role: 'viewer', expires_at: '2027-01-01T00:00:00Z' } },
    handler: async ({ body, actor, context: { pool } }) => {
      const { name, role, owner, expires_at: expiresAt } = body;
      const { token: issued, secret } = await issueToken(pool, actor, { name, role, owner, expiresAt });
      return { ...describeToken(issued), secret: secret.reveal() };
    },
  }),

  defineRoute('DELETE /tokens/{id}', {
    tag: 'Tokens',
    summary: 'Revoke a token',
    description: 'From the next request on it opens nothing. It stays in the list. The last admin cannot be revoked.',
    params: idParameter,
    response: empty(),
    errors: ['in_use'],
    example: { params: { id: 7 } },
    handler: async ({ params, actor, context: { pool } }) => {
      const revoked = await revokeToken(pool, actor, params);
      if (revoked === null) throw new TidemarkError('not_found', `there is no token ${params.id} that can be used`);
      return undefined;
    },
  }),
];

function describeToken(from: Token): AnswerOf<typeof token> {
  return {
    id: from.id,
    name: from.name,
    role: from.role,
    owner: from.owner,
    created_at: from.createdAt,
    created_by: from.createdBy,
    expires_at: from.expiresAt,
    last_used_at: from.lastUsedAt,
    revoked_at: from.revokedAt,
  };
}

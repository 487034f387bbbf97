import { InvalidArgumentError, Option, type Command } from 'commander';
import { TidemarkError } from '../errors.ts';
import { commandLine, type Role } from '../store/audit.ts';
import { issueToken, listTokens, revokeToken, type Token } from '../store/tokens.ts';
import { command, withRepository, writeTable } from './context.ts';
import type pg from 'pg';

interface CreateOptions {
  readonly role: Role;
  readonly owner?: string;
  readonly days?: number;
}

/** `tidemark tokens create | list | revoke` */
export function addTokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('who may use the API').exitOverride();
  command(tokens, 'create', 'make a token and show it, once', [
    'tidemark tokens create grafana --role viewer',
    'tidemark tokens create crm-team --role owner --owner crm --days 365',
  ])
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--role <role>', 'admin: everything; viewer: read everything; owner: see and run its own')
        .choices(['admin', 'viewer', 'owner'])
        .makeOptionMandatory(),
    )
    .option('--owner <owner>', 'whose instances it may see, with --role owner')
    .option('--days <days>', 'how long it may be used; for good when left out', wholeDays)
    .action((name: string, options: CreateOptions) =>
      withRepository(({ repository: { pool } }) => create(pool, name, options)),
    );
  command(tokens, 'list', 'all tokens, none of them shown', ['tidemark tokens list']).action(() =>
    withRepository(async ({ repository: { pool } }) => {
      const { tokens: list } = await listTokens(pool, { limit: 1_000_000, offset: 0 });
      const rows = list.map((token) => [
        ...[String(token.id), token.name, token.role, token.owner ?? '', stateOf(token)],
        token.lastUsedAt?.toISOString() ?? 'never',
        token.createdBy,
      ]);
      writeTable([['ID', 'NAME', 'ROLE', 'OWNER', 'STATE', 'LAST USED', 'CREATED BY'], ...rows]);
    }),
  );
  command(tokens, 'revoke', 'end a token for good', ['tidemark tokens revoke grafana'])
    .argument('<name>', 'which one')
    .action((name: string) =>
      withRepository(async ({ repository: { pool } }) => {
        const revoked = await revokeToken(pool, commandLine, { name });
        if (revoked === null) throw new TidemarkError('not_found', `there is no token "${name}" that can be used`);
        process.stdout.write(`${name} does not open the API any more\n`);
      }),
    );
}

/** The token alone goes to standard output, so that a script can take it. */
async function create(pool: pg.Pool, name: string, { role, owner, days }: CreateOptions): Promise<void> {
  if ((role === 'owner') !== (owner !== undefined)) {
    throw new TidemarkError('usage', '--owner: expected together with --role owner, and only with it');
  }
  const expiresAt = days === undefined ? null : new Date(Date.now() + days * 86_400_000);
  const { secret } = await issueToken(pool, commandLine, { name, role, owner: owner ?? null, expiresAt });
  process.stderr.write(`the token "${name}", shown only now:\n`);
  process.stdout.write(`${secret.reveal()}\n`);
}

function wholeDays(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a number of days from 1 to 99999.');
  return Number(text);
}

function stateOf({ revokedAt, expiresAt }: Token): string {
  if (revokedAt !== null) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt === null) return 'in use';
  return `${expiresAt.getTime() < Date.now() ? 'expired' : 'until'} ${expiresAt.toISOString()}`;
}

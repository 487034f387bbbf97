import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { Secret } from './config/secret.ts';
import type { Repository } from './repository.ts';
import { findUsableToken, makeFirstAdminToken, provisionAdminToken } from './store/tokens.ts';

/** The file beside the embedded repository that keeps the first token. */
const adminTokenFile = 'admin-token';

/**
 * Sees to it that somebody can use the API: with the token of the environment, or with one that is made at the first start,
 * shown once, and beside an embedded repository kept in a file that only its user may read.
 * @param say takes what a person is to read; it holds the token
 */
export async function ensureAdminToken(
  config: Pick<Config, 'adminToken'>,
  { pool, embedded }: Pick<Repository, 'pool' | 'embedded'>,
  log: Logger,
  say: (text: string) => void,
): Promise<void> {
  if (config.adminToken !== null) {
    const state = await provisionAdminToken(pool, config.adminToken);
    if (state === 'added') log.info('the token of TIDEMARK_ADMIN_TOKEN may do everything from now on');
    if (state === 'revoked')
      log.warn('the token of TIDEMARK_ADMIN_TOKEN was revoked and does not open the API: set another');
    return;
  }
  const token = await makeFirstAdminToken(pool);
  if (token === null) return;
  say(`\n  The first token of the API, which may do everything. It is shown only now:\n\n    ${token.reveal()}\n\n`);
  if (embedded === null) return;
  const path = join(embedded.dataDirectory, adminTokenFile);
  // Made anew, so that it has these rights whatever the rights of an old one were.
  rmSync(path, { force: true });
  writeFileSync(path, `${token.reveal()}\n`, { mode: 0o600, flag: 'wx' });
  log.info({ path }, 'the first token of the API is kept in a file');
}

/**
 * The token of an administrator as far as this machine knows it: that of the environment, or the one in the file beside
 * the embedded repository. For what is started together with the exporter and talks to it. Null where it opens nothing.
 */
export async function knownAdminToken(
  config: Pick<Config, 'adminToken'>,
  { pool, embedded }: Pick<Repository, 'pool' | 'embedded'>,
): Promise<Secret | null> {
  const token = config.adminToken ?? tokenInFile(embedded);
  return token !== null && (await findUsableToken(pool, token.reveal())) !== null ? token : null;
}

function tokenInFile(embedded: Repository['embedded']): Secret | null {
  try {
    return embedded && new Secret(readFileSync(join(embedded.dataDirectory, adminTokenFile), 'utf8').trim());
  } catch {
    // Whoever has noted the token may have removed the file.
    return null;
  }
}

import type { Command } from 'commander';
import { rotateKey } from '../fleet/rotation.ts';
import { listCredentials } from '../store/credentials.ts';
import { command, withRepository, writeTable, type CommandContext } from './context.ts';

/** `tidemark credentials list | rotate-key` */
export function addCredentialCommands(program: Command): void {
  const credentials = program.command('credentials').description('the logins that are stored').exitOverride();
  command(credentials, 'list', 'all stored logins, without their secrets', ['tidemark credentials list']).action(() =>
    withRepository(showCredentials),
  );
  command(credentials, 'rotate-key', 'encrypt all stored passwords with the first key of the key file', [
    'tidemark credentials rotate-key',
  ]).action(() => withRepository(rotate));
}

async function showCredentials({ repository }: CommandContext): Promise<void> {
  const rows = (await listCredentials(repository.pool)).credentials.map((credential) => [
    credential.name,
    credential.username,
    credential.secretReference ?? (credential.keyId === null ? 'no password' : `encrypted, key ${credential.keyId}`),
    credential.instances.join(', '),
  ]);
  writeTable([['NAME', 'USERNAME', 'PASSWORD', 'INSTANCES'], ...rows]);
}

async function rotate({ repository, fleet }: CommandContext): Promise<void> {
  const rotated = await rotateKey(repository.pool, fleet.vault);
  process.stdout.write(`${rotated} passwords encrypted anew with key ${fleet.vault.currentKeyId()}\n`);
}

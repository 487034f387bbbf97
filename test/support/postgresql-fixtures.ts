import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Target } from '../../exporter/src/engines/engine.ts';
import { Secret } from '../../exporter/src/config/secret.ts';
import { servers } from './servers.ts';
import { asSuperuser } from './test-database.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** A start of names that no other test file uses. */
export function uniquePrefix(): string {
  return `t${randomBytes(4).toString('hex')}_`;
}

/** Databases on the test server, quickly. */
export async function createDatabases(names: readonly string[]): Promise<void> {
  // A copy of the files instead of the WAL: thousands of pages less to write.
  await asSuperuser(
    'postgres',
    ...names.map((name) => `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0 STRATEGY FILE_COPY`),
  );
}

export async function dropDatabases(names: readonly string[]): Promise<void> {
  await asSuperuser(
    'postgres',
    ...names.map((name) => `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`),
  );
}

/** A role that may log in and nothing else. */
export async function createLogin(name: string, password: string): Promise<void> {
  await asSuperuser('postgres', `CREATE ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(password)}`);
}

/** Rights that the role has must be gone before; those on the database "postgres" are taken here. */
export async function dropLogin(name: string): Promise<void> {
  await asSuperuser('postgres', `DROP OWNED BY ${escapeIdentifier(name)}`, `DROP ROLE ${escapeIdentifier(name)}`);
}

/** The test server as an instance, as its superuser unless told otherwise. */
export function postgresqlTarget(changes: Partial<Omit<Target, 'password'>> & { password?: string } = {}): Target {
  const { postgresql } = servers();
  const { password = postgresql.password, ...others } = changes;
  return {
    host: '127.0.0.1',
    port: postgresql.port,
    database: 'postgres',
    username: postgresql.username,
    tls: { mode: 'prefer' },
    ...others,
    password: new Secret(password),
  };
}

/** What the files of a database hold, in bytes, by its name: read off the disk, without asking the server. */
export async function fileBytesOf(names: readonly string[]): Promise<Map<string, number>> {
  const list = names.map((name) => escapeLiteral(name)).join(', ');
  const [result] = await asSuperuser('postgres', `SELECT oid, datname FROM pg_database WHERE datname IN (${list})`);
  const rows = (result?.rows ?? []) as { oid: number; datname: string }[];
  return new Map(rows.map(({ oid, datname }) => [datname, bytesOf(databaseFolder(oid))]));
}

function databaseFolder(oid: number): string {
  return join(servers().postgresql.dataDirectory, 'base', String(oid));
}

function bytesOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    // A file may vanish while we look: relations are truncated and dropped at any time.
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stat?.isFile() === true ? stat.size : 0);
  }, 0);
}

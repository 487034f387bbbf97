// npm test: installs what the tests need, runs all of them, and closes with the counts. Skipped tests are named.
// With --long the tests of endurance do for long what they else do a little (npm run test:resilience).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../exporter/scripts/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Debian packages of the servers that the tests talk to, and a program of each. */
const packages = {
  'mariadb-server': '/usr/sbin/mariadbd',
  pgbouncer: '/usr/sbin/pgbouncer',
  faketime: '/usr/bin/faketime',
};

prepare();
installPackages();
const results = runJest();
report(results);

function installPackages() {
  const missing = Object.entries(packages).flatMap(([name, program]) => (existsSync(program) ? [] : [name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`Not installed: ${missing.join(', ')}. The tests that need them are skipped.`);
    return;
  }
  console.error(`Installing ${missing.join(', ')} …`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], options);
}

/** @returns Jest's own account of the run, or null where it did not get that far */
function runJest() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-results-'));
  const output = join(folder, 'results.json');
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const config = ['--config', join(root, 'test', 'jest.config.mjs'), '--json', `--outputFile=${output}`];
  const args = process.argv.slice(2);
  const long = args.includes('--long');
  const rest = args.filter((arg) => arg !== '--long');
  spawnSync(process.execPath, [...options, jest, ...config, ...rest], {
    cwd: root,
    env: long ? { ...process.env, TIDEMARK_TEST_COUNTS: 'long' } : process.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    return existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(results) {
  const tests = results?.testResults.flatMap((file) => file.assertionResults) ?? [];
  const skipped = tests.filter((test) => test.status === 'pending' || test.status === 'todo');
  const skipping = [...new Set(skipped.map((test) => test.ancestorTitles.join(' › ') || test.fullName))];
  if (skipping.length > 0) console.log(`\nSkipped:\n${skipping.map((name) => `  ${name}`).join('\n')}`);
  const passed = results?.numPassedTests ?? 0;
  // A file that cannot be run at all counts as one failure.
  const failed = results === null ? 1 : results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skippedInCi = process.env.CI ? skipped.length : 0;
  if (skippedInCi > 0) console.log('\nIn CI nothing may be skipped.');
  const bad = failed + skippedInCi > 0 || passed === 0 || results?.success !== true;
  console.log(
    `\n${passed} passed, ${failed + skippedInCi} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  );
  process.exitCode = bad ? 1 : 0;
}

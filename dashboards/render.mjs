// npm run dashboards: writes dashboards/json from dashboards/src.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const output = join(folder, 'json');

const { outputFiles } = await build({
  entryPoints: [join(folder, 'src', 'index.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
  logLevel: 'warning',
});
const { renderAll, asFile } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
rmSync(output, { recursive: true, force: true });
for (const [path, dashboard] of renderAll()) {
  const file = join(output, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, asFile(dashboard));
}

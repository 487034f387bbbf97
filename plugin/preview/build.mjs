import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hostFolder, newest, pluginFolder, previewFolder } from './server/folders.mjs';

const require = createRequire(import.meta.url);

/**
 * Bundles the host for the browser, when it is not there yet or older than its sources.
 * @param {object} options
 * @param {string} [options.libraries] folder whose node_modules hold the Grafana libraries to bundle; the plugin's own
 *   unless said
 * @param {(line: string) => void} options.log
 * @returns {Promise<string>} the folder of the bundle
 */
export async function buildHost({ libraries, log }) {
  const from = libraries ?? pluginFolder;
  const output =
    libraries === undefined
      ? hostFolder
      : join(hostFolder, createHash('sha256').update(libraries).digest('hex').slice(0, 8));
  const done = join(output, 'built');
  const sources = Math.max(newest(join(previewFolder, 'client')), newest(join(previewFolder, 'build.mjs')));
  if (existsSync(done) && statSync(done).mtimeMs > sources) return output;

  log('bundling the stand-in for Grafana (once, about 10 seconds) …');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const { build } = await import('esbuild');
  await build({
    entryPoints: { boot: join(previewFolder, 'client', 'boot.ts') },
    outdir: output,
    bundle: true,
    format: 'esm',
    splitting: true,
    target: 'es2022',
    jsx: 'automatic',
    // SystemJS brings AMD's "define", with which some packages would register themselves instead of exporting.
    define: { 'process.env.NODE_ENV': '"production"', global: 'window', define: 'undefined' },
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    logOverride: { 'import-is-undefined': 'silent', 'empty-import-meta': 'silent' },
    loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
    plugins: [resolveFrom(from)],
  });
  copySystem(output);
  copyFonts(output);
  writeFileSync(done, new Date().toISOString());
  return output;
}

/**
 * The host's sources lie in one place, and the libraries that they import may lie in another. Grafana's components ask
 * for the router's package with both versions in it; the half that they use is version 6 itself.
 */
function resolveFrom(from) {
  return {
    name: 'resolve-from',
    setup(context) {
      context.onResolve({ filter: /^react-router-dom-v5-compat$/ }, ({ kind }) =>
        context.resolve('react-router-dom', { kind, resolveDir: from }),
      );
      context.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer, pluginData }) => {
        if (pluginData === 'seen' || !importer.startsWith(join(previewFolder, 'client'))) return undefined;
        return context.resolve(path, { kind, resolveDir: from, pluginData: 'seen' });
      });
    },
  };
}

/** SystemJS with the two extras that Grafana loads plugins with. */
function copySystem(output) {
  const dist = join(dirname(require.resolve('systemjs/package.json')), 'dist');
  const files = ['system.min.js', 'extras/amd.min.js', 'extras/named-register.min.js'];
  writeFileSync(join(output, 'system.js'), files.map((file) => readFileSync(join(dist, file), 'utf8')).join('\n'));
}

/** The fonts that Grafana's styles ask for, under the names that they ask for. */
const fonts = {
  'inter/Inter-Regular.woff2': '@fontsource/inter/files/inter-latin-400-normal.woff2',
  'inter/Inter-Medium.woff2': '@fontsource/inter/files/inter-latin-500-normal.woff2',
  'inter/Inter-Italic.woff2': '@fontsource/inter/files/inter-latin-400-italic.woff2',
  'inter/Inter-MediumItalic.woff2': '@fontsource/inter/files/inter-latin-500-italic.woff2',
  'roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2':
    '@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2',
};

function copyFonts(output) {
  for (const [name, source] of Object.entries(fonts)) {
    const target = join(output, 'fonts', name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(require.resolve(source), target);
  }
}

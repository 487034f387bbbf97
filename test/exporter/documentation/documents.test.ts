import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { environmentSettings } from '../../../exporter/src/config/environment.ts';
import { run } from '../../../exporter/src/cli.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const left = ['node_modules', 'dist', 'data', 'release', '.config', '.git', 'coverage'];

interface Document {
  readonly path: string;
  readonly text: string;
  /** Without the blocks of code. */
  readonly prose: string;
}

function findDocuments(folder: string): Document[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return left.includes(entry.name) ? [] : findDocuments(path);
    if (!entry.name.endsWith('.md')) return [];
    const text = readFileSync(path, 'utf8');
    return [{ path, text, prose: text.replace(/^```[^]*?^```/gm, '') }];
  });
}

const documents = findDocuments(root);
const cases = documents.map((document) => [relative(root, document.path), document] as const);

/** The anchors of a document, as GitHub makes them from its headings. */
function anchorsOf(path: string): Set<string> {
  const { prose = '' } = documents.find((document) => document.path === path) ?? {};
  const anchors = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return new Set(anchors);
}

test('there are documents', () => {
  expect(cases.map(([path]) => path)).toEqual(
    expect.arrayContaining(['README.md', 'README.zh-CN.md', 'exporter/README.md', 'plugin/README.md']),
  );
});

describe.each(cases)('%s', (_path, { path, text, prose }) => {
  test('leads to files and headings that there are', () => {
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const wrong = links.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const served = /^\/public\/plugins\/tidemark-storage-app\/(.*)/.exec(file)?.[1];
      // Grafana shows the README of the app, and serves what is beside it.
      const beside = served === undefined ? join(dirname(path), file) : join(root, 'plugin/src', served);
      const to = file === '' ? path : beside;
      if (!existsSync(to)) return true;
      return anchor !== undefined && !statSync(to).isDirectory() && !anchorsOf(to).has(anchor);
    });
    expect(wrong).toEqual([]);
  });

  test('names files of the project that there are', () => {
    const names = [...prose.matchAll(/`((?:[\w.-]+\/)+[\w.*-]*)`/g)].map(([, name = '']) => name);
    // Those of other programs, of a server, and of what is made.
    const own = names.filter((name) => /^(src|test|exporter|plugin|provisioning|dashboards)\//.test(name));
    const made = /(^|\/)(dist|img)(\/|$)|\*/;
    const wrong = own.filter(
      (name) => !made.test(name) && !existsSync(join(dirname(path), name)) && !existsSync(join(root, name)),
    );
    expect(wrong).toEqual([]);
  });

  test('runs scripts that there are', () => {
    const wrong = [...text.matchAll(/\bnpm (?:run |(?=start|test))([\w:-]+)(?: -s)?(?:\s-w\s(\w+))?/g)].filter(
      ([, script = '', workspace = '.']) => {
        const { scripts } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
          scripts: Record<string, string>;
        };
        return !(script in scripts);
      },
    );
    expect(wrong.map(([command]) => command)).toEqual([]);
  });

  test('gives settings that there are', () => {
    const known = Object.keys(environmentSettings);
    const others = /^TIDEMARK_(TOKEN|URL|INSTANCES|ALERTS_URL|ALERTS_PRODUCTION_URL|TEST_COUNTS|CONFIG|METRICS_)$/;
    const wrong = [...text.matchAll(/\b(?:TIDEMARK|DATABASE|COLLECT|AGGREGATION|CLEANUP|CREATE)_[A-Z_]+\b/g)]
      .map(([name]) => name)
      .filter((name) => !known.includes(name) && !known.includes(name.replace(/_FILE$/, '')) && !others.test(name));
    expect([...new Set(wrong)]).toEqual([]);
  });

  test('shows commands that there are, with options that they have', async () => {
    const commands = [...text.matchAll(/\btidemark ((?:[a-z][a-z-]* ?)+)((?: ?--[a-z-]+)*)/g)];
    for (const [line, words = '', options = ''] of commands) {
      const help = await helpFor(words.trim().split(' '));
      if (help === null) continue;
      for (const option of options.trim().split(/\s+/).filter(Boolean)) {
        expect([line, help.includes(option) || option === '--help']).toEqual([line, true]);
      }
    }
  });
});

test('a command that is not there would be found', async () => {
  expect(await helpFor(['instances', 'forget'])).toBe(null);
  expect(await helpFor(['instances', 'test', 'orders-pg'])).toContain('instances test');
  const spoken = new Set(
    documents.flatMap(({ text }) =>
      [...text.matchAll(/(?:`(?:npx )?|npx )tidemark ([a-z][a-z-]*)/g)].map(([, command = '']) => command),
    ),
  );
  const unknown = [];
  for (const command of spoken) if ((await helpFor([command])) === null) unknown.push(command);
  expect(unknown).toEqual([]);
});

/** What `--help` says of the command that the words begin with; null where there is none. */
async function helpFor(words: readonly string[]): Promise<string | null> {
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string) => written.push(text) > 0;
  try {
    for (let length = words.length; length > 0; length -= 1) {
      written.length = 0;
      const code = await run([...words.slice(0, length), '--help']).catch(() => 1);
      const said = written.join('');
      if (code === 0 && said.includes(`tidemark ${words.slice(0, length).join(' ')}`)) {
        // Of a group of commands, the first word behind it has to be one of them.
        const isGroup = /^Commands:/m.test(said);
        return isGroup && length < words.length ? null : said;
      }
    }
    return null;
  } finally {
    process.stdout.write = write;
  }
}

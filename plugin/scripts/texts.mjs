import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * The plugins of the package and what their texts are in: each has translations of its own, because Grafana serves it
 * from an address of its own. The folders of nested plugins are left out of the app's.
 */
export const plugins = [
  { id: 'tidemark-storage-app', folder: '.', without: ['datasource', 'treemap'] },
  { id: 'tidemark-storage-datasource', folder: 'datasource', without: [] },
  { id: 'tidemark-treemap-panel', folder: 'treemap', without: [] },
];

export const languages = ['en-US', 'zh-Hans'];

/** Path of a plugin's texts in one language. */
export function textsFile(source, { id, folder }, language) {
  return join(source, folder, 'locales', language, `${id}.json`);
}

/**
 * Every text that the sources ask for: `t('key', 'English')` and `<Trans i18nKey="key">English</Trans>`.
 * @param {string} source the folder `src`
 * @param {{folder: string, without: string[]}} plugin
 * @returns {Map<string, string>} English by key
 * @throws Error where a key is not a literal, or has two texts
 */
export function collectTexts(source, { folder, without }) {
  const texts = new Map();
  const root = join(source, folder);
  for (const file of sourceFiles(root)) {
    if (without.some((name) => file.startsWith(join(root, name)))) continue;
    const parsed = ts.createSourceFile(
      file,
      readFileSync(file, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
      scriptKind(file),
    );
    visit(parsed, (key, text, node) => {
      const where = `${relative(source, file)}:${parsed.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (key === undefined) throw new Error(`${where}: the key of a text must be written out`);
      if (text === undefined) throw new Error(`${where}: "${key}" has no English text`);
      const known = texts.get(key);
      if (known !== undefined && known !== text)
        throw new Error(`${where}: "${key}" is "${known}" elsewhere, and "${text}" here`);
      texts.set(key, text);
    });
  }
  return new Map([...texts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const scriptKind = (file) => (file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function visit(node, found) {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
    found(literal(node.arguments[0]), literal(node.arguments[1]), node);
  }
  if (ts.isJsxElement(node) && node.openingElement.tagName.getText() === 'Trans') {
    const key = node.openingElement.attributes.properties.find((one) => one.name?.getText() === 'i18nKey');
    found(literal(key?.initializer), childrenText(node.children), node);
  }
  ts.forEachChild(node, (child) => visit(child, found));
}

const literal = (node) => (node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined);

/** As react-i18next names the children of `Trans`: text stays, the element at place 1 is `<1>…</1>`. */
function childrenText(children) {
  return children
    .filter((child) => !ts.isJsxText(child) || !child.containsOnlyTriviaWhiteSpaces)
    .map((child, place) => {
      if (ts.isJsxText(child)) return jsxText(child.text);
      if (ts.isJsxElement(child)) return `<${place}>${childrenText(child.children)}</${place}>`;
      if (ts.isJsxSelfClosingElement(child)) return `<${place}></${place}>`;
      const inner = child.expression;
      if (inner !== undefined && ts.isStringLiteralLike(inner)) return inner.text;
      if (inner !== undefined && ts.isObjectLiteralExpression(inner))
        return `{{${inner.properties[0].name.getText()}}}`;
      return '';
    })
    .join('');
}

/** Lines of JSX are joined with one space; what is before the first and after the last line's text is layout. */
function jsxText(text) {
  const lines = text.split('\n');
  return lines
    .map((line, index) => {
      const start = index === 0 ? line : line.trimStart();
      return index === lines.length - 1 ? start : start.trimEnd();
    })
    .filter((line) => line !== '')
    .join(' ')
    .replaceAll('&apos;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

export function readTexts(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Brings the files up to date: English from the sources; other languages keep what they have, get new keys with an
 * empty text, and lose keys that nobody asks for.
 */
export function writeTexts(source) {
  for (const plugin of plugins) {
    const english = collectTexts(source, plugin);
    for (const language of languages) {
      const file = textsFile(source, plugin, language);
      const before = language === 'en-US' ? Object.fromEntries(english) : readTexts(file);
      const after = Object.fromEntries([...english.keys()].map((key) => [key, before[key] ?? '']));
      writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
    }
  }
}

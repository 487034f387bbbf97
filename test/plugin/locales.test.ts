import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { collectTexts, languages, plugins, readTexts, textsFile } from '../../plugin/scripts/texts.mjs';

const source = resolve(__dirname, '../../plugin/src');
const placeholders = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)\s*\}\}|<\/?\d+>/g)].map(([match]) => match).sort();

describe.each(plugins)('$id', (plugin) => {
  const english: ReadonlyMap<string, string> = collectTexts(source, plugin);

  test('has texts', () => {
    expect(english.size).toBeGreaterThan(0);
  });

  describe.each(languages)('%s', (language) => {
    const texts = readTexts(textsFile(source, plugin, language)) as Record<string, string>;

    test('has every text that the sources ask for, and no other: npm run texts -w plugin', () => {
      expect(Object.keys(texts).sort()).toEqual([...english.keys()].sort());
    });

    test('leaves none empty', () => {
      expect(Object.keys(texts).filter((key) => texts[key] === '')).toEqual([]);
    });

    test('keeps what is put into the texts', () => {
      const differing = Object.entries(texts).filter(
        ([key, text]) => placeholders(text).join() !== placeholders(english.get(key) ?? '').join(),
      );
      expect(differing).toEqual([]);
    });
  });

  test('English is as the sources say', () => {
    expect(readTexts(textsFile(source, plugin, 'en-US'))).toEqual(Object.fromEntries(english));
  });

  test('Chinese is Chinese', () => {
    const texts = readTexts(textsFile(source, plugin, 'zh-Hans')) as Record<string, string>;
    const untranslated = Object.entries(texts).filter(
      ([, text]) => /[a-z]{4}/i.test(text) && !/\p{Script=Han}/u.test(text),
    );
    // Names of products and of units are the same in every language.
    expect(untranslated.filter(([, text]) => !['Exporter', 'Tidemark'].includes(text))).toEqual([]);
  });
});

test('Grafana is told of the languages', () => {
  const { languages: told } = JSON.parse(readFileSync(join(source, 'plugin.json'), 'utf8')) as { languages: string[] };
  expect(told).toEqual(languages);
});
